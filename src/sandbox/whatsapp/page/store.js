import { createWid, MsgKey } from "./ids.js";
import { findLink } from "./links.js";
import { Collection, Model } from "./model.js";
import { Wire } from "./wire.js";

/** What the page knows of the account, as WhatsApp's modules hold it. */

export const wire = new Wire();
export const me = { pn: null, lid: null, name: "" };

export class MsgModel extends Model {
  get mediaObject() {
    return this.directPath ? { type: this.type, filehash: this.filehash } : undefined;
  }

  get mediaData() {
    return this.directPath ? { type: this.type, mediaStage: "RESOLVED" } : undefined;
  }

  get isNotification() {
    return this.type === "gp2" || this.type === "notification_template";
  }

  unsafe() {
    return this;
  }

  async downloadMedia() {}

  /** What an answer to this message carries of it. */
  msgContextInfo() {
    const { type, body, caption } = this;
    return {
      quotedMsg: { type, body: this.directPath ? caption : body },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.author ?? this.from,
      quotedRemoteJid: this.id.remote,
    };
  }
}

class ChatModel extends Model {
  msgs = new Collection();

  iAmAdmin() {
    return Boolean(this.groupMetadata?.participants.get(me.pn)?.isAdmin);
  }

  /** Without its group and its messages: those are asked for where they are needed. */
  toJSON() {
    const { msgs, groupMetadata, ...rest } = super.serialize();
    return rest;
  }
}

export const Msg = new Collection();
export const Chat = new Collection((id) => openChat(createWid(id)));
export const Contact = new Collection(async (id) => contactOf(createWid(id)));
export const GroupMetadata = new Collection();

Msg.modelClass = MsgModel;
Msg.getMessagesById = async (ids) => {
  const found = await wire.ask("byId", { ids });
  return { messages: found.map((message) => keep(message, false)) };
};
Msg.search = async (query, _page, count, remote) => {
  const found = await wire.ask("search", { query, chat: remote ?? null });
  return { messages: (count ? found.slice(-count) : found).map((message) => keep(message, false)) };
};
GroupMetadata.update = async (wid) => putGroup(await wire.ask("group", { id: wid._serialized }));
Contact.gadd = (wid) => contactOf(wid);

const people = new Map();
/** The id of each chat's first message that is here. */
const earliest = new Map();

export function putPeople(list) {
  for (const person of list) {
    people.set(person.id, person);
    people.set(person.lid, person);
    for (const id of [person.id, person.lid]) Contact.get(id)?.set({ name: person.name, pushname: person.name });
  }
}

export function putMe(person) {
  Object.assign(me, { pn: createWid(person.id), lid: createWid(person.lid), name: person.name });
  putPeople([person]);
  contactOf(me.pn);
}

export const numberOf = (wid) => widOf(people.get(wid._serialized)?.id);
export const lidOf = (wid) => widOf(people.get(wid._serialized)?.lid);
const widOf = (id) => (id ? createWid(id) : undefined);

/** The contact of a person or group, made where there is none. */
export function contactOf(wid) {
  const known = Contact.get(wid);
  if (known) return known;
  const name = people.get(wid._serialized)?.name ?? Chat.get(wid)?.formattedTitle;
  return Contact.add(
    new Model({ id: wid, name, pushname: name, type: "in", phoneNumber: wid.isLid() ? numberOf(wid) : undefined }),
  );
}

/** The chat that the servers have under this id; null where they have none. */
export async function openChat(wid) {
  const chat = await wire.ask("openChat", { id: wid._serialized });
  return chat && putChat(chat);
}

/** A chat as the servers know it, with what is new of it. */
export function putChat({ id, title, group, messages }) {
  const wid = createWid(id);
  if (group) putGroup(group);
  const chat =
    Chat.get(wid) ??
    Chat.add(
      new ChatModel({
        id: wid,
        name: title,
        formattedTitle: title,
        t: group?.creation,
        unreadCount: 0,
        archive: false,
        isLocked: false,
        muteExpiration: 0,
        mute: { expiration: 0 },
      }),
    );
  chat.set({ name: title, formattedTitle: title });
  chat.groupMetadata ??= GroupMetadata.get(wid);
  contactOf(wid);
  for (const message of messages) keep(message, false);
  return chat;
}

/** Brings in what was written before all that is here, and answers it, oldest first. */
export async function loadEarlier(chat) {
  const before = earliest.get(chat.id._serialized) ?? null;
  const messages = await wire.ask("earlier", { chat: chat.id._serialized, before });
  const models = messages.map((message) => keep(message, false, true));
  if (models[0]) earliest.set(chat.id._serialized, models[0].id.id);
  return models;
}

export function putGroup(group) {
  const id = createWid(group.id);
  const fields = {
    subject: group.title,
    desc: group.description ?? undefined,
    owner: group.owner ? createWid(group.owner) : undefined,
    creation: group.creation,
    announce: group.announce,
    restrict: group.restrict,
    isLidAddressingMode: false,
    size: group.participants.length,
  };
  const participants = new Collection();
  for (const { id: person, ...rank } of group.participants)
    participants.add(new Model({ id: createWid(person), ...rank }));
  const known = GroupMetadata.get(id);
  if (known) known.set({ ...fields, participants });
  else GroupMetadata.add(new Model({ id, ...fields, participants }));
  Chat.get(id)?.set({ name: group.title, formattedTitle: group.title });
  return GroupMetadata.get(id);
}

/** Brings a message that the servers told of into its chat, or up to date; `isNew` makes it news for listeners. */
export function keep(message, isNew, isEarlier = false) {
  const key = keyOf(message);
  const known = Msg.get(key);
  if (known) {
    update(known, message);
    return known;
  }
  const chat =
    Chat.get(key.remote) ?? putChat({ id: message.chat, title: titleOf(message.chat), group: null, messages: [] });
  const model = new MsgModel({ id: key, ...fieldsOf(message), isNewMsg: isNew });
  place(model, chat, isEarlier);
  if (isNew && !message.fromMe && !message.notice) chat.set({ unreadCount: chat.unreadCount + 1 });
  return model;
}

/** Puts a message into its chat and among all messages, where listeners hear of it. */
export function place(model, chat, isEarlier = false) {
  chat.msgs.add(model);
  const id = chat.id._serialized;
  if (!earliest.has(id)) earliest.set(id, model.id.id);
  if (!isEarlier) chat.set({ t: model.t, lastReceivedKey: model.id });
  Msg.add(model);
}

const titleOf = (id) => people.get(id)?.name ?? id;

const keyOf = (message) =>
  new MsgKey({
    fromMe: message.fromMe,
    remote: message.chat,
    id: message.id,
    participant: message.chat.endsWith("@g.us") ? (message.author ?? me.pn) : undefined,
  });

function fieldsOf(message) {
  const chat = createWid(message.chat);
  return {
    from: message.fromMe ? me.pn : chat,
    to: message.fromMe ? chat : me.pn,
    author: message.author && (chat.isGroup() || message.notice) ? createWid(message.author) : undefined,
    t: message.t,
    type: message.type,
    subtype: message.notice?.subtype ?? (message.preview ? "url" : undefined),
    recipients: message.notice?.recipients,
    ack: message.ack,
    self: message.fromMe ? "out" : "in",
    notifyName: message.fromMe ? me.name : people.get(message.author ?? message.chat)?.name,
    ...contentOf(message),
    ...(message.quoted && {
      quotedMsg: { type: "chat", body: message.quoted.text },
      quotedStanzaID: message.quoted.key.split("_")[2],
    }),
  };
}

/** What of a message an edit can change. A picture's body is its thumbnail, its words are the caption. */
function contentOf({ text, media, preview, editedAt }) {
  return {
    ...(media
      ? { caption: text, directPath: media.path, mimetype: media.mimetype, size: media.size, mediaKey: media.path }
      : { body: text }),
    ...(preview && {
      title: preview.title ?? undefined,
      description: preview.description ?? undefined,
      matchedText: preview.link,
    }),
    ...(editedAt && { latestEditSenderTimestampMs: editedAt }),
  };
}

function update(known, message) {
  if (message.type === "revoked") {
    if (known.type !== "revoked") {
      known.set({ type: "revoked", body: undefined, caption: undefined, directPath: undefined, subtype: undefined });
    }
    return;
  }
  known.set({ ...contentOf(message), t: message.t, ack: Math.max(known.ack ?? 0, message.ack) });
}

/** What the servers need of a message that was just written here. */
export function toOffer(message) {
  const isMedia = Boolean(message.directPath);
  const text = (isMedia ? message.caption : message.body) ?? "";
  return {
    chat: message.to._serialized,
    id: message.id.id,
    type: message.type,
    text,
    media: isMedia ? message.directPath : null,
    preview: isMedia ? null : toPreview(message, text),
    quoted: message.quotedStanzaID ?? null,
  };
}

export const toPreview = ({ preview, title, description, matchedText }, text) =>
  preview
    ? { link: matchedText ?? findLink(text)?.href ?? "", title: title ?? null, description: description ?? null }
    : null;
