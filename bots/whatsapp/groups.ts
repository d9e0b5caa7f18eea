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
  /** The number was added to a group: true where the settings name it, which is told then. */
  rejoin(client: Client, address: string): Promise<boolean>;
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
  /** What the settings call the groups that were found, by address. */
  const found = new Map<string, { named: string; title: string }>();
  const lamented = new Set<string>();

  const lament = (named: string, text: string): void => {
    if (!lamented.has(named)) log.warn({ platform }, text);
    lamented.add(named);
  };
  const tellOf = (address: string, { named, title }: { named: string; title: string }): Promise<void> =>
    tell({ kind: "joined", id: `settings:${named}`, chat: groupRef(address), title, by: null });

  const find = async (client: Client): Promise<void> => {
    if (missing.size === 0) return;
    const known = (await client.getChats()).filter((chat): chat is GroupChat => chat.isGroup);
    for (const named of [...missing]) {
      const fits = known.filter((group) => group.id._serialized === named || sameName(group.name, named));
      const [group] = fits;
      if (!group) {
        lament(
          named,
          `No WhatsApp group is called "${named}": invite the number to it, or correct WHATSAPP_GROUPS. Crier goes on looking.`,
        );
        continue;
      }
      if (fits.length > 1) {
        lament(named, `${fits.length} WhatsApp groups are called "${named}": the first is taken. Name it by its id.`);
      }
      const address = group.id._serialized;
      if (address !== named) await tell({ kind: "migrated", chat: groupRef(named), to: address });
      const entry = { named, title: group.name };
      await tellOf(address, entry);
      found.set(address, entry);
      missing.delete(named);
    }
  };

  return {
    async tellAll() {
      for (const named of groups) {
        await tell({ kind: "joined", id: `settings:${named}`, chat: groupRef(named), title: null, by: null });
      }
    },
    find,
    async rejoin(client, address) {
      const entry = found.get(address);
      if (entry) await tellOf(address, entry);
      else await find(client);
      return found.has(address);
    },
  };
}

const sameName = (a: string | undefined, b: string): boolean => plainName(a ?? "") === plainName(b);
const plainName = (name: string): string => name.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
