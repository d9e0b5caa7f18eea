import type { Client, GroupChat } from "whatsapp-web.js";
import type { ChatRef } from "#core/model";
import type { BotEvent, Log } from "#core/ports";

export const platform = "whatsapp";

export const groupRef = (address: string): ChatRef => ({ platform, address, kind: "group" });

/** An id of WhatsApp's own: anything else in the settings is a name. */
export const isGroupId = (text: string): boolean => /^[\d-]+@g\.us$/.test(text);

/** The groups that the settings name, by name or id. */
export interface SettingsGroups {
  /** Tells of each as the settings write it: its deliveries wait until the group is found. */
  tellAll(): Promise<void>;
  /** Looks for those not found yet among the number's groups. */
  find(client: Client): Promise<void>;
}

export function createSettingsGroups({
  groups,
  tell,
  log,
}: {
  groups: readonly string[];
  tell(event: BotEvent): Promise<void>;
  log: Log;
}): SettingsGroups {
  const missing = new Set(groups);

  return {
    async tellAll() {
      for (const named of groups) {
        await tell({ kind: "joined", id: `settings:${named}`, chat: groupRef(named), title: null, by: null });
      }
    },
    async find(client) {
      if (missing.size === 0) return;
      const known = (await client.getChats()).filter((chat): chat is GroupChat => chat.isGroup);
      for (const named of [...missing]) {
        const fits = known.filter((group) => group.id._serialized === named || sameName(group.name, named));
        const [group] = fits;
        if (!group) {
          log.warn(
            { platform },
            `No WhatsApp group is called "${named}": invite the number to it, or correct WHATSAPP_GROUPS.`,
          );
          continue;
        }
        if (fits.length > 1)
          log.warn(
            { platform },
            `${fits.length} WhatsApp groups are called "${named}": the first is taken. Name it by its id.`,
          );
        const address = group.id._serialized;
        if (address !== named) await tell({ kind: "migrated", chat: groupRef(named), to: address });
        await tell({ kind: "joined", id: `settings:${named}`, chat: groupRef(address), title: group.name, by: null });
        missing.delete(named);
      }
    },
  };
}

const sameName = (a: string | undefined, b: string): boolean => plainName(a ?? "") === plainName(b);
const plainName = (name: string): string => name.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
