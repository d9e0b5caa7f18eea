import { boolean, integer, kinds, list, nullable, object, oneOf, optional, string } from "./readers.ts";

/** What the page and the server say to each other over the socket, as JSON. */

const id = string(200, 1);
const ids = list(id, 2000);
/** WhatsApp's own limit of a text, in UTF-16 units. */
const text = string(65_536);
const preview = object({
  link: string(8192),
  title: nullable(string(Number.MAX_SAFE_INTEGER)),
  description: nullable(string(Number.MAX_SAFE_INTEGER)),
});

/** What a page says; with a number in `ask` it waits for an answer. */
export const pageMessage = object({
  ask: nullable(integer),
  say: kinds({
    hello: { session: nullable(id), keys: string(2000) },
    listening: {},
    heard: {},
    received: { ids },
    missing: { name: string(200) },
    logout: {},
    takeover: {},
    pairingCode: { number: id },

    offer: {
      chat: id,
      id,
      type: oneOf("chat", "image", "video", "audio", "ptt", "document"),
      text,
      media: nullable(id),
      preview: nullable(preview),
      quoted: nullable(id),
    },
    commit: { id },
    edit: { id, text, preview: nullable(preview) },
    revoke: { ids },
    earlier: { chat: id, before: nullable(id) },
    byId: { ids },
    search: { query: text, chat: nullable(id) },
    preview: { link: string(8192) },

    exists: { id },
    openChat: { id },
    group: { id },
    createGroup: { title: string(100), announce: boolean, people: ids },
    addMembers: { group: id, people: ids },
    removeMembers: { group: id, people: ids },
    rankMembers: { group: id, people: ids, isAdmin: boolean },
    changeGroup: {
      group: id,
      title: optional(string(100)),
      description: optional(string(2048)),
      announce: optional(boolean),
      restrict: optional(boolean),
    },
    inviteCode: { group: id, reset: boolean },
    invite: { code: id },
    join: { code: id },
    exit: { group: id },
  }),
});

export type PageSays = ReturnType<typeof pageMessage>["say"];
export type Says<K extends PageSays["kind"]> = Extract<PageSays, { kind: K }>;

export type SocketState = "OPENING" | "PAIRING" | "UNPAIRED" | "UNPAIRED_IDLE" | "CONNECTED" | "TIMEOUT" | "CONFLICT";

export interface WireMessage {
  id: string;
  chat: string;
  fromMe: boolean;
  /** The writer: in groups, and for notices. */
  author: string | null;
  type: string;
  /** Seconds. */
  t: number;
  text: string;
  media: { path: string; mimetype: string; size: number } | null;
  preview: ReturnType<typeof preview> | null;
  quoted: { key: string; text: string } | null;
  ack: number;
  editedAt: number | null;
  notice: { subtype: string; recipients: string[] } | null;
}

export interface WireGroup {
  id: string;
  title: string;
  description: string | null;
  announce: boolean;
  restrict: boolean;
  owner: string | null;
  creation: number;
  participants: { id: string; isAdmin: boolean; isSuperAdmin: boolean }[];
}

export interface WirePerson {
  id: string;
  lid: string;
  name: string;
}

export interface WireChat {
  id: string;
  title: string;
  group: WireGroup | null;
  /** The newest few, oldest first. */
  messages: WireMessage[];
}

/** How the page tells that it has synced. */
export type SyncMode = { mode: "safe" | "early" | "never"; delayMs: number };

export interface Snapshot {
  session: string;
  me: WirePerson;
  people: WirePerson[];
  chats: WireChat[];
  sync: SyncMode;
}

/** What the server says of itself. */
export type ServerEvent =
  | { event: "unpaired"; ref: string; forget: boolean }
  | { event: "ref"; ref: string }
  | ({ event: "paired" | "welcome" } & Snapshot)
  | { event: "people"; people: WirePerson[] }
  | { event: "group"; group: WireGroup }
  | { event: "messages"; messages: WireMessage[] }
  | { event: "changed"; message: WireMessage }
  | { event: "ack"; key: string; ack: number }
  | { event: "state"; state: SocketState }
  | { event: "loggedOut" }
  | { event: "reload" }
  /** Asks for `heard`: all that was told before has been taken in. */
  | { event: "confirm" }
  | { event: "hang"; ms: number };
