import { Emitter, Model } from "./model.js";
import { forgetMark, readMark, writeMark } from "./pairing-mark.js";
import { keep, Msg, putChat, putMe, putPeople, wire } from "./store.js";

/** The linked device: its state, its pairing, and what the servers tell it. */

export const Socket = new Model({ state: "OPENING", stream: "DISCONNECTED", hasSynced: false });
export const Conn = new Model({ ref: undefined, platform: "android", pushname: "", connected: true });
export const Cmd = new Emitter();
export const Stream = new Model({ available: false });

Conn.canSetMyPushname = () => false;
Conn.serialize = () => ({ ref: Conn.ref, platform: Conn.platform, pushname: Conn.pushname, connected: true });
Stream.markAvailable = () => Stream.set({ available: true });
Stream.markUnavailable = () => Stream.set({ available: false });
Socket.logout = async () => {
  await wire.ask("logout");
  await forgetMark();
};
Socket.takeover = () => wire.tell("takeover");
Socket.reconnect = () => {};

const bytes = () => crypto.getRandomValues(new Uint8Array(32));
export const encodeB64 = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));

/** The page's own part of the QR code. */
export const keys = {
  noise: bytes(),
  identity: bytes(),
  secret: encodeB64(bytes()),
  platform: "1",
};

let news = [];

export function start() {
  wire.start({ onEvent: (event) => on[event.event]?.(event), onOpen: greet, onLost: lose });
}

/** The mark is read anew each time: it may have come or gone meanwhile. */
async function greet() {
  wire.tell("hello", {
    session: await readMark(),
    keys: [encodeB64(keys.noise), encodeB64(keys.identity), keys.secret, keys.platform].join(","),
  });
  Socket.listened("change:hasSynced").then(() => wire.tell("listening"));
}

function lose() {
  if (Socket.state === "CONNECTED") Socket.set({ state: "TIMEOUT" });
}

const on = {
  async unpaired({ ref, forget }) {
    if (forget) await forgetMark();
    Conn.set({ ref });
    Socket.set({ state: "UNPAIRED" });
  },

  ref: ({ ref }) => Conn.set({ ref }),

  async paired(snapshot) {
    Socket.set({ state: "PAIRING" });
    await writeMark(snapshot.session);
    enter(snapshot);
  },

  welcome: (snapshot) => enter(snapshot),

  people: ({ people }) => putPeople(people),

  group: ({ group }) => putChat({ id: group.id, title: group.title, group, messages: [] }),

  messages({ messages }) {
    news.push(...messages);
    tellNews();
  },

  changed({ message }) {
    keep(message, false);
  },

  ack({ key, ack }) {
    Msg.get(key)?.set({ ack });
  },

  state: ({ state }) => Socket.set({ state }),

  /** As WhatsApp does: say so, forget everything, and come back by way of this address. */
  async loggedOut() {
    Cmd.trigger("logout");
    wire.close();
    await forgetMark();
    location.href = "/?post_logout=1";
  },

  reload: () => location.reload(),

  confirm: () => wire.tell("heard"),

  hang({ ms }) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
};

function enter({ me: self, people, chats, sync }) {
  putMe(self);
  putPeople(people);
  for (const chat of chats) putChat(chat);
  Conn.set({ pushname: self.name });
  Socket.set({ state: "CONNECTED", stream: "CONNECTED" });
  if (!Socket.hasSynced) synchronise(sync);
}

async function synchronise({ mode, delayMs }) {
  if (mode === "never") return;
  if (mode === "early") {
    // As if it had happened before anybody listened.
    Socket.hasSynced = true;
    return;
  }
  await Socket.listened("change:hasSynced");
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  Socket.set({ hasSynced: true });
}

/** What arrived waits until somebody listens for new messages: it is said once. */
async function tellNews() {
  await Msg.listened("add");
  const told = news;
  news = [];
  for (const message of told) keep(message, true);
  if (told.length > 0) wire.tell("received", { ids: told.map(({ id }) => id) });
}
