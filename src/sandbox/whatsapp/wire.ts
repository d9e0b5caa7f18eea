import { z } from "zod";

/** What the page and the server say to each other over the socket, as JSON. */

const id = z.string().min(1).max(200);
const ids = z.array(id).max(2000);
/** WhatsApp's own limit of a text, in UTF-16 units. */
const text = z.string().max(65_536);
const preview = z.object({
  link: z.string().max(8192),
  title: z.string().nullable(),
  description: z.string().nullable(),
});

/** What a page says; with a number in `ask` it waits for an answer. */
export const pageMessage = z.object({
  ask: z.number().int().nullable(),
  say: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("hello"), session: id.nullable(), keys: z.string().max(2000) }),
    z.object({ kind: z.literal("listening") }),
    z.object({ kind: z.literal("heard") }),
    z.object({ kind: z.literal("received"), ids }),
    z.object({ kind: z.literal("missing"), name: z.string().max(200) }),
    z.object({ kind: z.literal("logout") }),
    z.object({ kind: z.literal("takeover") }),
    z.object({ kind: z.literal("pairingCode"), number: id }),

    z.object({
      kind: z.literal("offer"),
      chat: id,
      id,
      type: z.enum(["chat", "image", "video", "audio", "ptt", "document"]),
      text,
      media: id.nullable(),
      preview: preview.nullable(),
      quoted: id.nullable(),
    }),
    z.object({ kind: z.literal("commit"), id }),
    z.object({ kind: z.literal("edit"), id, text, preview: preview.nullable() }),
    z.object({ kind: z.literal("revoke"), ids }),
    z.object({ kind: z.literal("earlier"), chat: id, before: id.nullable() }),
    z.object({ kind: z.literal("byId"), ids }),
    z.object({ kind: z.literal("search"), query: text, chat: id.nullable() }),
    z.object({ kind: z.literal("preview"), link: z.string().max(8192) }),

    z.object({ kind: z.literal("exists"), id }),
    z.object({ kind: z.literal("openChat"), id }),
    z.object({ kind: z.literal("group"), id }),
    z.object({ kind: z.literal("createGroup"), title: z.string().max(100), announce: z.boolean(), people: ids }),
    z.object({ kind: z.literal("addMembers"), group: id, people: ids }),
    z.object({ kind: z.literal("removeMembers"), group: id, people: ids }),
    z.object({ kind: z.literal("rankMembers"), group: id, people: ids, isAdmin: z.boolean() }),
    z.object({
      kind: z.literal("changeGroup"),
      group: id,
      title: z.string().max(100).optional(),
      description: z.string().max(2048).optional(),
      announce: z.boolean().optional(),
      restrict: z.boolean().optional(),
    }),
    z.object({ kind: z.literal("inviteCode"), group: id, reset: z.boolean() }),
    z.object({ kind: z.literal("invite"), code: id }),
    z.object({ kind: z.literal("join"), code: id }),
    z.object({ kind: z.literal("exit"), group: id }),
  ]),
});

export type PageSays = z.infer<typeof pageMessage>["say"];
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
  preview: z.infer<typeof preview> | null;
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
