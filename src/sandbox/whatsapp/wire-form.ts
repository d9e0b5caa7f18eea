import type { WireChat, WireGroup, WireMessage, WirePerson } from "./wire.ts";
import type { Group, Message, Person, World } from "./world.ts";

/** How many of a chat's newest messages a page is given with it; earlier ones it has to ask for. */
const given = 5;

/** The world as a page sees it: hidden people under their lid. */
export type WireForm = ReturnType<typeof createWireForm>;

export function createWireForm(world: World) {
  const personId = (id: string): string => {
    const person = world.person(id);
    return person?.isHidden ? person.lid : id;
  };

  /** WhatsApp's serialised message key: fromMe_chat_id, and in groups the writer. */
  const key = (message: Message): string => {
    const parts = [String(message.author === null && !message.notice), personId(message.chat), message.id];
    if (message.chat.endsWith("@g.us")) parts.push(message.author === null ? world.me.id : personId(message.author));
    return parts.join("_");
  };

  const form = {
    personId,
    key,
    /** The message that a serialised key or a bare id names. */
    messageOf: (named: string): Message | null => world.message(named.split("_")[2] ?? named),

    person: ({ id, lid, name }: Person): WirePerson => ({ id, lid, name }),

    message: (message: Message): WireMessage => ({
      id: message.id,
      chat: personId(message.chat),
      fromMe: message.author === null && !message.notice,
      author:
        message.author !== null
          ? personId(message.author)
          : message.chat.endsWith("@g.us") || message.notice
            ? world.me.id
            : null,
      type: message.deleted ? "revoked" : message.type,
      t: Math.floor(message.at.getTime() / 1000),
      text: message.deleted ? "" : message.text,
      media:
        message.media && !message.deleted
          ? { path: message.media.path, mimetype: message.media.mimetype, size: message.media.bytes.length }
          : null,
      preview: message.deleted ? null : message.preview,
      quoted: message.quoted ? { key: key(message.quoted), text: message.quoted.text } : null,
      ack: message.ack,
      editedAt: message.editedAt?.getTime() ?? null,
      notice: message.notice
        ? { subtype: message.notice.subtype, recipients: message.notice.recipients.map(personId) }
        : null,
    }),

    group: (group: Group): WireGroup => ({
      id: group.id,
      title: group.title,
      description: group.description,
      announce: group.announce,
      restrict: group.restrict,
      owner: [...group.members].find(([, rank]) => rank === "owner")?.[0] ?? null,
      creation: Math.floor(group.createdAt.getTime() / 1000),
      participants: [...group.members].map(([id, rank]) => ({
        id: personId(id),
        isAdmin: rank !== "member",
        isSuperAdmin: rank === "owner",
      })),
    }),

    chat: (id: string): WireChat => {
      const group = world.group(id);
      return {
        id: personId(id),
        title: group?.title ?? world.person(id)?.name ?? id,
        group: group ? form.group(group) : null,
        messages: form
          .history(id)
          .filter((message) => !message.isUndelivered)
          .slice(-given)
          .map(form.message),
      };
    },

    /** What Crier's number has of a chat, oldest first: not what was written while it was no member. */
    history: (chat: string): Message[] => world.messages(chat).filter(({ wasForCrier }) => wasForCrier),
  };
  return form;
}
