import { randomBytes } from "node:crypto";
import type { Faults } from "./faults.ts";
import { type Page, Refusal } from "./pages.ts";
import type { Says, Snapshot, SocketState, SyncMode } from "./wire.ts";
import type { WireForm } from "./wire-form.ts";
import type { Change, Message, World } from "./world.ts";

interface SessionDeps {
  world: World;
  form: WireForm;
  faults: Faults;
  autoPair: boolean;
  syncDelayMs: number;
}

/** The account's one linked device: its pairing, which page speaks for it, and what that page is told. */
export function createSession({ world, form, faults, autoPair, syncDelayMs }: SessionDeps) {
  const pages = new Set<Page>();
  let mark: string | null = null;
  let ref = createRef();
  /** The page that came last: it shows the QR code, or speaks for the account. */
  let page: Page | null = null;

  const speaker = (): Page | null => (page?.isPaired && !page.isIdle ? page : null);
  const isUndelivered = (message: Message): boolean => message.isUndelivered;

  const snapshot = (session: string): Snapshot => {
    const chats = [...world.groups(), ...world.people()].map(({ id }) => id).filter(world.isOpen);
    return {
      session,
      me: form.person(world.me),
      people: world.people().map(form.person),
      chats: chats.map(form.chat),
      sync: syncMode(),
    };
  };

  const syncMode = (): SyncMode => {
    const rule = faults.take(["early-sync", "no-sync"]);
    return { mode: rule ? (rule.kind === "early-sync" ? "early" : "never") : "safe", delayMs: syncDelayMs };
  };

  const bringUpToDate = (to: Page): void => {
    const waiting = world.messages().filter(isUndelivered);
    if (waiting.length > 0) to.tell({ event: "messages", messages: waiting.map(form.message) });
  };

  const pair = (): void => {
    if (!page || page.isPaired) throw new Refusal("No page shows a QR code now: start the browser first.");
    for (const other of pages) if (other !== page && other.isPaired) dismiss(other);
    // A new device gets what was written before as history.
    for (const message of world.messages()) message.isUndelivered = false;
    mark = randomBytes(16).toString("hex");
    page.isPaired = true;
    page.tell({ event: "paired", ...snapshot(mark) });
  };

  const pairByItself = (): void => {
    if (autoPair && page?.isListening && !page.isPaired) pair();
  };

  const dismiss = (paired: Page): void => {
    paired.isPaired = false;
    paired.tell({ event: "loggedOut" });
  };

  const end = (): void => {
    mark = null;
    ref = createRef();
  };

  const setIdle = (paired: Page, isIdle: boolean): void => {
    paired.isIdle = isIdle;
    paired.tell({ event: "state", state: isIdle ? "CONFLICT" : "CONNECTED" });
  };

  return {
    opened: (opened: Page): void => void pages.add(opened),

    hello(newcomer: Page, { session, keys }: Says<"hello">): void {
      newcomer.keys = keys;
      if (!mark || session !== mark) {
        page = newcomer;
        newcomer.tell({ event: "unpaired", ref, forget: session !== null });
        return pairByItself();
      }
      for (const other of pages) if (other !== newcomer && other.isPaired && !other.isIdle) setIdle(other, true);
      page = newcomer;
      newcomer.isPaired = true;
      for (const message of world.messages()) message.isMute = false;
      newcomer.tell({ event: "welcome", ...snapshot(mark) });
      bringUpToDate(newcomer);
    },

    listening(listener: Page): void {
      listener.isListening = true;
      pairByItself();
    },

    heard: (page: Page): void => page.awaiting.shift()?.(),
    /** Resolves once the page has taken in all that it was told; at once where there is none. */
    confirmed(): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (!page) resolve();
      page?.awaiting.push(resolve);
      page?.tell({ event: "confirm" });
      return promise;
    },

    closed(gone: Page): void {
      pages.delete(gone);
      for (const resolve of gone.awaiting) resolve();
      if (page === gone) page = null;
    },

    takeover(claimant: Page): void {
      for (const other of pages) if (other !== claimant && other.isPaired && !other.isIdle) setIdle(other, true);
      page = claimant;
      setIdle(claimant, false);
      bringUpToDate(claimant);
    },

    /** The device logs itself out. */
    leave(leaver: Page): void {
      leaver.isPaired = false;
      end();
    },

    pair,
    isPaired: (): boolean => mark !== null,
    isConnected: (): boolean => speaker() !== null,
    currentQr: (): string | null => (page && !page.isPaired ? `${ref},${page.keys}` : null),
    nextQr(): void {
      ref = createRef();
      if (page && !page.isPaired) page.tell({ event: "ref", ref });
    },
    logoutFromPhone(): void {
      end();
      for (const paired of pages) if (paired.isPaired) dismiss(paired);
    },
    conflict(): void {
      const speaking = speaker();
      if (speaking) setIdle(speaking, true);
    },
    setState: (state: SocketState): void => page?.tell({ event: "state", state }),
    reload: (): void => page?.tell({ event: "reload" }),
    cut: (): void => pages.forEach((each) => each.cut()),
    hang: (ms: number): void => page?.tell({ event: "hang", ms }),

    /** Tells the page what changed, as far as it is the account's to know. */
    follow(change: Change): void {
      const to = speaker();
      if (!to) return;
      if (change.kind === "person") return to.tell({ event: "people", people: [form.person(change.person)] });
      if (change.kind === "group") {
        if (world.isOpen(change.group.id)) to.tell({ event: "group", group: form.group(change.group) });
        return;
      }
      const { message } = change;
      if (!message.wasForCrier || message.isMute) return;
      if (change.kind === "new") {
        if (message.isUndelivered) to.tell({ event: "messages", messages: [form.message(message)] });
      } else if (change.kind === "acked") {
        to.tell({ event: "ack", key: form.key(message), ack: message.ack });
      } else {
        to.tell({ event: "changed", message: form.message(message) });
      }
    },
  };
}

const createRef = (): string => `2@${randomBytes(48).toString("base64")}`;
