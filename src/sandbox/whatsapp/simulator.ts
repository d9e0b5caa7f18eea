import type { Phone, PhonePerson } from "../phone.ts";
import { createGroupAnswers } from "./answer-groups.ts";
import { createMessageAnswers } from "./answer-messages.ts";
import { createFaults, type FaultRule } from "./faults.ts";
import { createGroups, type GroupChange } from "./groups.ts";
import { attachPage, type Page } from "./pages.ts";
import { createPhone } from "./phone.ts";
import { servePage } from "./server.ts";
import { createSession } from "./session.ts";
import type { PageSays, SocketState } from "./wire.ts";
import { createWireForm } from "./wire-form.ts";
import { createWorld, type Message, type Rank } from "./world.ts";

export interface WhatsAppSimulatorOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Scans the QR code by itself as soon as that is safe: once whatsapp-web.js waits for the page to sync. */
  autoPair?: boolean;
  /** Between pairing (or loading) and synced. */
  syncDelayMs?: number;
  /** Phone number of Crier's account, digits only. */
  number?: string;
  /** Sent messages are delivered and read shortly after; true by default. */
  autoAck?: boolean;
}

/** One message of Crier's, as it stands now. */
interface WhatsAppLedgerLine {
  chat: string;
  /** The serialised key, as whatsapp-web.js knows it. */
  id: string;
  text: string;
  picture: boolean;
  at: Date;
  edited: boolean;
  deleted: boolean;
}

/** A WhatsApp of its own: the page that whatsapp-web.js drives, the servers behind it and the phones of its people. */
export interface WhatsAppSimulator {
  /** Arguments with which Chromium finds it as web.whatsapp.com, and nothing of the internet. */
  readonly browserArgs: string[];
  readonly phone: Phone;
  /** `isHidden`: WhatsApp names the person by an "@lid" id. */
  addPerson(person: { number: string; name: string; isAdmin?: boolean; isHidden?: boolean }): PhonePerson;
  /** People by id; Crier is a member unless told otherwise, and an admin when told. Returns the group's id. */
  addGroup(group: {
    title: string;
    admins?: string[];
    members?: string[];
    crierIsMember?: boolean;
    crierIsAdmin?: boolean;
    announce?: boolean;
  }): string;
  /** Scans the QR code that is shown. @throws Error when none is */
  pair(): void;
  isPaired(): boolean;
  currentQr(): string | null;
  nextQr(): void;
  /** Crier is added; by one of the admins when `by` is left out. */
  addToGroup(group: string, by?: string): void;
  removeFromGroup(group: string, by?: string): void;
  /** Other people come and go: by an admin's hand, or of their own will. */
  join(group: string, person: string, by?: string): void;
  leave(group: string, person: string, by?: string): void;
  changeGroup(group: string, change: GroupChange): void;
  setCrierAdmin(group: string, isAdmin: boolean): void;
  inviteCode(group: string): string;
  say(chat: string, person: string, text: string): void;
  /** By the ledger's or the phone's id: 1 sent, 2 delivered, 3 read. */
  ack(messageId: string, level: 1 | 2 | 3): void;
  /**
   * Makes a message older than it is: past 15 minutes it cannot be edited, past two days not deleted for everyone.
   * Resolves once the page knows.
   */
  age(messageId: string, ms: number): Promise<void>;
  /** The phone unlinks the device. */
  logoutFromPhone(): void;
  /** WhatsApp Web is opened elsewhere. */
  conflict(): void;
  setState(state: SocketState): void;
  reload(): void;
  /** The connection breaks; the page comes back by itself after a quarter of a second. */
  cut(): void;
  /** The page's thread is busy for so long. */
  hang(ms: number): void;
  fault(rule: FaultRule): void;
  clearFaults(): void;
  ledger(): WhatsAppLedgerLine[];
  /** Modules of WhatsApp's that the library asked for and the page does not have. */
  missingModules(): string[];
  /** A paired page is open and speaks for the account. */
  connected(): boolean;
  stop(): Promise<void>;
}

export async function startWhatsAppSimulator(options: WhatsAppSimulatorOptions = {}): Promise<WhatsAppSimulator> {
  const ended = new AbortController();
  const world = createWorld(options.number ?? "972555000100");
  const form = createWireForm(world);
  const faults = createFaults();
  const groups = createGroups(world);
  const missing = new Set<string>();
  const { autoPair = false, syncDelayMs = 0 } = options;
  const session = createSession({ world, form, faults, autoPair, syncDelayMs });

  const server = await servePage(options.port ?? 0, (socket) =>
    attachPage(socket, { opened: session.opened, said: (page, say) => answer(page, say), closed: session.closed }),
  );
  const answers = {
    ...createGroupAnswers({ world, form, faults, groups }),
    ...createMessageAnswers({
      world,
      form,
      faults,
      media: server.media,
      signal: ended.signal,
      autoAck: options.autoAck ?? true,
    }),
    hello: (say: Extract<PageSays, { kind: "hello" }>, page: Page) => session.hello(page, say),
    listening: (_: unknown, page: Page) => session.listening(page),
    heard: (_: unknown, page: Page) => session.heard(page),
    takeover: (_: unknown, page: Page) => session.takeover(page),
    logout: (_: unknown, page: Page) => session.leave(page),
    pairingCode: () => "CRIER234",
    missing: ({ name }: { name: string }) => void missing.add(name),
  };
  const answer = (page: Page, say: PageSays): unknown => dispatch(answers, say.kind, say, page);
  const phone = createPhone(world);
  world.watch(session.follow);

  return {
    browserArgs: server.browserArgs,
    phone,
    addPerson({ number, name, isAdmin = false, isHidden = false }) {
      const { id } = world.addPerson({ id: `${number}@c.us`, name, isAdmin, isHidden });
      return { id, name, isAdmin };
    },
    addGroup({ title, admins = [], members = [], crierIsMember = true, crierIsAdmin = false, announce = false }) {
      const all: [string, Rank][] = [
        ...members.map((id): [string, Rank] => [world.resolve(id), "member"]),
        ...admins.map((id, index): [string, Rank] => [world.resolve(id), index === 0 ? "owner" : "admin"]),
      ];
      // Who is paired is added to a new group; who is not finds it there.
      const isThere = crierIsMember && !session.isPaired();
      if (isThere) all.push([world.me.id, crierIsAdmin ? "admin" : "member"]);
      const { id } = world.addGroup({ title, announce, members: new Map(all) });
      if (crierIsMember && !isThere) groups.enter(id, world.me.id);
      if (crierIsMember && crierIsAdmin && !isThere) groups.rank(id, world.me.id, true, all.at(-1)?.[0] ?? null);
      return id;
    },
    pair: session.pair,
    isPaired: session.isPaired,
    currentQr: session.currentQr,
    nextQr: session.nextQr,
    addToGroup: (group, by) => groups.enter(group, world.me.id, by),
    removeFromGroup: (group, by) => groups.leave(group, world.me.id, by ?? adminOf(group)),
    join: (group, person, by) => groups.enter(group, world.resolve(person), by, by ? "add" : "invite"),
    leave: (group, person, by) => groups.leave(group, world.resolve(person), by),
    changeGroup: (group, change) => groups.change(group, change),
    setCrierAdmin: (group, isAdmin) => groups.rank(group, world.me.id, isAdmin, adminOf(group) ?? null),
    inviteCode: (group) => groups.groupOf(group).inviteCode,
    say: phone.say,
    ack(messageId, level) {
      const message = named(messageId);
      message.isMute = false;
      world.acknowledge(message, level);
    },
    age(messageId, ms) {
      world.age(named(messageId), ms);
      return session.confirmed();
    },
    logoutFromPhone: session.logoutFromPhone,
    conflict: session.conflict,
    setState: session.setState,
    reload: session.reload,
    cut: session.cut,
    hang: session.hang,
    fault: ({ chat, ...rule }) => faults.add(chat === undefined ? rule : { ...rule, chat: world.resolve(chat) }),
    clearFaults: faults.clear,
    ledger: () =>
      world
        .messages()
        .filter(({ author, notice }) => author === null && !notice)
        .map((message) => ({
          chat: message.chat,
          id: form.key(message),
          text: message.text,
          picture: message.type === "image",
          at: message.at,
          edited: message.editedAt !== null,
          deleted: message.deleted,
        })),
    missingModules: () => [...missing],
    connected: session.isConnected,
    async stop() {
      ended.abort();
      await server.close();
    },
  };

  function named(messageId: string): Message {
    const message = form.messageOf(messageId);
    if (!message) throw new Error("There is no message with this id.");
    return message;
  }

  /** Someone who may remove Crier. */
  function adminOf(group: string): string | undefined {
    const members = [...groups.groupOf(group).members];
    return members.find(([id, rank]) => rank !== "member" && id !== world.me.id)?.[0];
  }
}

type Said = { [K in PageSays["kind"]]: Extract<PageSays, { kind: K }> };
type Answers = { [K in PageSays["kind"]]: (say: Said[K], page: Page) => unknown };

function dispatch<K extends PageSays["kind"]>(answers: Answers, kind: K, say: Said[K], page: Page): unknown {
  return answers[kind](say, page);
}
