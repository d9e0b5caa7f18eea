const servers = ["c.us", "lid", "g.us", "broadcast", "newsletter"];

/** Who or what something is addressed to: a person, by number or lid, or a group. */
export class Wid {
  constructor(user, server) {
    this.user = user;
    this.server = server;
    this._serialized = `${user}@${server}`;
  }

  isUser() {
    return this.server === "c.us" || this.server === "lid";
  }

  isLid() {
    return this.server === "lid";
  }

  isGroup() {
    return this.server === "g.us";
  }

  isStatus() {
    return this._serialized === "status@broadcast";
  }

  isBroadcast() {
    return this.server === "broadcast";
  }

  isNewsletter() {
    return this.server === "newsletter";
  }

  equals(other) {
    return this._serialized === other?._serialized;
  }

  toJid() {
    return this._serialized.replace("@c.us", "@s.whatsapp.net");
  }

  toString() {
    return this._serialized;
  }
}

/** From a serialised id, or from anything that carries one. */
export function createWid(source) {
  if (source instanceof Wid) return source;
  const text = String(source?._serialized ?? source).replace("@s.whatsapp.net", "@c.us");
  const [, user, server] = /^([\w.-]+)@([\w.]+)$/.exec(text) ?? [];
  if (!servers.includes(server)) throw new Error("wid error: invalid wid");
  return new Wid(user, server);
}

/** A message's key: whether it is ours, the chat, its id, and in a group its writer. */
export class MsgKey {
  constructor({ from, to, id, participant, selfDir, fromMe = selfDir === "out", remote = fromMe ? to : from }) {
    this.fromMe = fromMe;
    this.remote = createWid(remote);
    this.id = id;
    if (participant) this.participant = createWid(participant);
    this._serialized = [fromMe, this.remote, id, ...(participant ? [this.participant] : [])].join("_");
  }

  static async newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`.toUpperCase();
  }

  toString() {
    return this._serialized;
  }
}
