import { randomBytes, randomInt } from "node:crypto";
import type { PhonePerson } from "../phone.ts";

export interface Person extends PhonePerson {
  /** The form of the id that hides the number. */
  lid: string;
  /** WhatsApp names this person by the lid. */
  isHidden: boolean;
}

export type Rank = "member" | "admin" | "owner";

export interface Group {
  id: string;
  title: string;
  description: string | null;
  /** Only admins may write. */
  announce: boolean;
  /** Only admins may change the title and the description. */
  restrict: boolean;
  createdAt: Date;
  members: Map<string, Rank>;
  inviteCode: string;
}

export interface Media {
  path: string;
  mimetype: string;
  bytes: Buffer;
}

export interface Message {
  id: string;
  /** The group, or the person whose private chat it is. */
  chat: string;
  /** Null: Crier's number. */
  author: string | null;
  at: Date;
  type: string;
  text: string;
  media: Media | null;
  preview: { link: string; title: string | null; description: string | null } | null;
  /** The message that it answers. */
  quoted: Message | null;
  ack: 1 | 2 | 3;
  editedAt: Date | null;
  deleted: boolean;
  /** What happened in the group, where it is no message. */
  notice: { subtype: string; recipients: string[] } | null;
  /** Crier's number was a member of the chat at that time. */
  wasForCrier: boolean;
  /** Crier's page has not received it. */
  isUndelivered: boolean;
  /** Nothing of its fate is told to the page until that is loaded anew. */
  isMute: boolean;
}

export type Change =
  | { kind: "new" | "edited" | "deleted" | "acked"; message: Message }
  | { kind: "group"; group: Group }
  | { kind: "person"; person: Person };

/** The truth of the simulated WhatsApp: people, groups and what was written. Ids are "number@c.us" and "…@g.us". */
export type World = ReturnType<typeof createWorld>;

export function createWorld(number: string) {
  const me: Person = {
    id: `${number}@c.us`,
    lid: createLid(),
    name: "Crier",
    isAdmin: false,
    isHidden: false,
  };
  const people = new Map<string, Person>([[me.id, me]]);
  const groups = new Map<string, Group>();
  const messages = new Map<string, Message>();
  const opened = new Set<string>();
  const listeners = new Set<(change: Change) => void>();
  const tell = (change: Change): void => {
    for (const listener of [...listeners]) listener(change);
  };

  /** The one form of an id: people by number, whichever form was given. */
  const resolve = (id: string): string =>
    id.endsWith("@lid") ? ([...people.values()].find(({ lid }) => lid === id)?.id ?? id) : id;
  const isMember = (group: Group, person: string): boolean => group.members.has(person);

  const write = (
    message: Pick<Message, "chat" | "author"> & Partial<Omit<Message, "at" | "wasForCrier" | "isUndelivered">>,
  ): Message => {
    const group = groups.get(message.chat);
    const wasForCrier = !group || isMember(group, me.id) || Boolean(message.notice?.recipients.includes(me.id));
    const written: Message = {
      id: createMessageId(message.author !== null),
      type: message.notice ? "gp2" : "chat",
      text: "",
      media: null,
      preview: null,
      quoted: null,
      ack: 1,
      editedAt: null,
      deleted: false,
      notice: null,
      isMute: false,
      ...message,
      at: new Date(),
      wasForCrier,
      isUndelivered: wasForCrier && (message.author !== null || Boolean(message.notice)),
    };
    if (wasForCrier) opened.add(message.chat);
    messages.set(written.id, written);
    tell({ kind: "new", message: written });
    return written;
  };

  return {
    me,
    resolve,
    people: (): Person[] => [...people.values()].filter((person) => person !== me),
    person: (id: string): Person | null => people.get(resolve(id)) ?? null,
    groups: (): Group[] => [...groups.values()],
    group: (id: string): Group | null => groups.get(id) ?? null,
    /** Chats that Crier's number has: its groups, also those that it has left, and private chats that were opened. */
    isOpen: (chat: string): boolean => opened.has(chat),
    messages: (chat?: string): Message[] =>
      [...messages.values()].filter((message) => chat === undefined || message.chat === chat),
    message: (id: string): Message | null => messages.get(id) ?? null,
    write,

    addPerson(person: Omit<Person, "lid">): Person {
      const added = { ...person, lid: createLid() };
      people.set(added.id, added);
      tell({ kind: "person", person: added });
      return added;
    },

    addGroup(group: Pick<Group, "title" | "announce" | "members">): Group {
      const added: Group = {
        id: `1203630${randomInt(1e10, 1e11)}@g.us`,
        description: null,
        restrict: false,
        createdAt: new Date(),
        inviteCode: createInviteCode(),
        ...group,
      };
      groups.set(added.id, added);
      if (isMember(added, me.id)) opened.add(added.id);
      tell({ kind: "group", group: added });
      return added;
    },

    /** Changes a group and leaves a notice of it in its chat. `by` is null for Crier. */
    changeGroup(
      group: Group,
      change: () => void,
      by: string | null,
      notice: { subtype: string; recipients: string[] },
    ) {
      const was = isMember(group, me.id);
      change();
      if (isMember(group, me.id)) opened.add(group.id);
      if (was || isMember(group, me.id)) tell({ kind: "group", group });
      write({ chat: group.id, author: by, notice });
    },

    edit(message: Message, text: string, preview: Message["preview"]): void {
      Object.assign(message, { text, preview, editedAt: new Date() });
      tell({ kind: "edited", message });
    },

    age(message: Message, ms: number): void {
      message.at = new Date(message.at.getTime() - ms);
      tell({ kind: "edited", message });
    },

    remove(message: Message): void {
      message.deleted = true;
      tell({ kind: "deleted", message });
    },

    acknowledge(message: Message, ack: 1 | 2 | 3): void {
      if (message.ack === ack) return;
      message.ack = ack;
      tell({ kind: "acked", message });
    },

    watch(listener: (change: Change) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const createLid = (): string => `${randomInt(1e13, 1e14)}@lid`;

export const createInviteCode = (): string => randomBytes(16).toString("base64url").replace(/[-_]/g, "x");

/** Phones make ids of 32 hexadecimal digits, WhatsApp Web its own shorter ones (whatsapp-web.js reads the device from it). */
const createMessageId = (isFromPhone: boolean): string =>
  isFromPhone ? randomBytes(16).toString("hex").toUpperCase() : `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
