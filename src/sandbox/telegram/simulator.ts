import type { Phone, PhonePerson } from "../phone.ts";
import type { Api } from "./api.ts";
import { isObject } from "./chats.ts";
import { createFaults, type FaultRule } from "./faults.ts";
import { createLimiter, type LimiterKind } from "./limits.ts";
import { botMethods, type Webhook } from "./methods-bot.ts";
import { chatMethods } from "./methods-chat.ts";
import { editMethods } from "./methods-edit.ts";
import { sendMethods } from "./methods-send.ts";
import { createDeeds } from "./people.ts";
import { createPhone, showAuthor } from "./phone.ts";
import { startServer } from "./server.ts";
import { createUpdates } from "./updates.ts";
import type { Entity } from "./wire.ts";
import { createWorld, type Stored } from "./world.ts";

export interface TelegramSimulatorOptions {
  token?: string;
  /** 0 or left out takes a free one. */
  port?: number;
  /** "soft" when left out. */
  limiter?: LimiterKind;
  /** Lengths count UTF-16 units instead of code points. */
  strict16?: boolean;
  botUsername?: string;
  /** Milliseconds; the machine's clock when left out. Timeouts of polls are real. */
  now?: () => number;
}

/** A person's or chat's id, as the Bot API or as the phone writes it. */
type Id = number | string;

interface NewPerson {
  id?: Id;
  name: string;
  username?: string;
  isAdmin?: boolean;
  /** They wrote to the bot before. */
  started?: boolean;
}

interface NewGroup {
  title: string;
  /** "group" when left out. */
  kind?: "group" | "supergroup" | "channel" | "forum";
  username?: string;
  /** From the start, without an update. In a channel it is then an administrator. */
  botIsMember?: boolean;
  /** Who made the chat. */
  by?: Id;
  admins?: Id[];
}

/** One message of the bot's that arrived, as it stands now. */
interface LedgerLine {
  chat: number;
  messageId: number;
  /** That sent it. */
  method: string;
  /** The text, or the caption. */
  text: string;
  /** Every address in it: written out, behind words and on buttons. */
  links: string[];
  /** The address or the file id. */
  photo: string | null;
  at: number;
  edited: boolean;
  deleted: boolean;
}

/** A strict Bot API with the people at its other end. */
export interface TelegramSimulator {
  /** "http://127.0.0.1:PORT" */
  readonly apiRoot: string;
  readonly token: string;
  readonly phone: Phone;
  /** Their private chat has their id; it is not started until they write. */
  addPerson(person: NewPerson): PhonePerson;
  /** @returns the chat's id */
  addGroup(group: NewGroup): number;
  /** @returns the topic's id in a forum */
  addTopic(chat: number): number;
  addBot(chat: number, by: Id): void;
  removeBot(chat: number, by: Id): void;
  promoteBot(chat: number, by: Id): void;
  block(person: Id): void;
  unblock(person: Id): void;
  /** The person deletes their account, or the group is deleted. */
  deactivate(personOrGroup: Id): void;
  /** Makes a supergroup of a group. @returns its id */
  migrate(chat: number): number;
  /** Commands and addresses in the text are found as Telegram finds them. @returns the message's id */
  say(chat: Id, person: Id, text: string, entities?: Entity[]): number;
  press(chat: Id, messageId: number, person: Id, data: string): void;
  fault(rule: FaultRule): void;
  clearFaults(): void;
  /** In the order of arrival. */
  ledger(): LedgerLine[];
  /** Messages in a chat that arrived and are not deleted whose text or one of whose links contains the key. */
  arrivals(chat: Id, key: string): number;
  /** All calls but the polls, and those of them that were refused for their rate. */
  counts(): { calls: number; refused429: number };
  stop(): Promise<void>;
}

const defaultToken = "7000000001:AAHcrierSandboxTokenThatIsNoSecret00";

/** @throws Error where the port is taken */
export async function startTelegramSimulator(options: TelegramSimulatorOptions = {}): Promise<TelegramSimulator> {
  const { token = defaultToken, port = 0, limiter = "soft", strict16 = false, now = Date.now } = options;
  const world = createWorld(now);
  const updates = createUpdates(now);
  const faults = createFaults();
  const queries = new Set<string>();
  const webhook: Webhook = { url: "", max_connections: 40 };
  const bot = {
    id: Number.parseInt(token, 10) || 7_000_000_001,
    is_bot: true,
    first_name: "Crier",
    username: options.botUsername ?? "crier_sandbox_bot",
  };
  const api: Api = { world, bot, strict16, now };
  const deeds = createDeeds(api, updates, queries);
  const methods = {
    ...botMethods(api, updates, webhook, queries),
    ...sendMethods(api),
    ...editMethods(api),
    ...chatMethods(api, (chat) => deeds.place(chat, "left", null)),
  };
  const limit = createLimiter(limiter, now);
  const server = await startServer({ token, port, world, methods, updates, webhook, limiter: limit, faults });

  return {
    apiRoot: `http://127.0.0.1:${server.port}`,
    token,
    phone: createPhone(world, deeds),

    addPerson({ id, name, username, isAdmin = false, started = false }) {
      const given = id === undefined ? undefined : Number(id);
      const person = world.addPerson({ id: given, name, username: username ?? null, isAdmin });
      if (started) deeds.chat(person.id).bot = "member";
      return showAuthor(person);
    },
    addGroup({ title, kind = "group", username, botIsMember = false, by, admins = [] }) {
      const isIn = kind === "channel" ? "administrator" : "member";
      const chat = world.addGroup({
        type: kind === "forum" ? "supergroup" : kind,
        title,
        username: username ?? null,
        isForum: kind === "forum",
        bot: botIsMember ? isIn : "left",
        creator: by === undefined ? null : Number(by),
        admins: new Set(admins.map(Number)),
      });
      return chat.id;
    },
    addTopic(id) {
      const chat = deeds.chat(id);
      if (!chat.isForum) throw new Error(`The chat ${id} is no forum.`);
      const notice = {
        from: bot,
        isOwn: false,
        service: { forum_topic_created: { name: "Topic", icon_color: 7322096 } },
      };
      // The first number is the General topic's, which has no thread of its own.
      const first = world.add(chat, notice).id;
      const topic = first === 1 ? world.add(chat, notice).id : first;
      chat.topics.add(topic);
      return topic;
    },
    addBot(id, by) {
      const chat = deeds.chat(id);
      deeds.place(chat, chat.type === "channel" ? "administrator" : "member", Number(by));
    },
    removeBot: (id, by) => deeds.place(deeds.chat(id), "kicked", Number(by)),
    promoteBot: (id, by) => deeds.place(deeds.chat(id), "administrator", Number(by)),
    block: (person) => deeds.block(Number(person)),
    unblock: (person) => deeds.unblock(Number(person)),
    deactivate(id) {
      deeds.chat(Number(id)).isGone = true;
    },
    migrate: deeds.migrate,
    say: (chat, person, text, entities) => deeds.say(Number(chat), Number(person), text, entities).id,
    press: (chat, messageId, person, data) => deeds.press(Number(chat), messageId, Number(person), data),

    fault: faults.add,
    clearFaults: faults.clear,
    ledger: () => world.arrived().map(lineOf),
    arrivals: (chat, key) =>
      world
        .arrived()
        .map(lineOf)
        .filter(({ chat: id, deleted }) => id === Number(chat) && !deleted)
        .filter(({ text, links }) => [text, ...links].some((part) => part.includes(key))).length,
    counts: server.counts,
    stop: server.close,
  };
}

const lineOf = ({
  chat,
  id,
  method,
  text,
  entities,
  markup,
  picture,
  at,
  editedAt,
  isDeleted,
}: Stored): LedgerLine => ({
  chat: chat.id,
  messageId: id,
  method,
  text,
  links: linksOf(text, entities, markup),
  photo: picture ? (picture.url ?? picture.fileId) : null,
  at,
  edited: editedAt !== null,
  deleted: isDeleted,
});

const linksOf = (text: string, entities: Entity[], markup: object | null): string[] => {
  const written = entities
    .filter(({ type }) => type === "url" || type === "text_link")
    .map(({ url, offset, length }) => url ?? text.slice(offset, offset + length));
  const buttons = markup && "inline_keyboard" in markup ? [markup.inline_keyboard].flat(2) : [];
  const behind = buttons.map((button) => (isObject(button) ? button.url : null));
  return [...written, ...behind.filter((url) => typeof url === "string")];
};
