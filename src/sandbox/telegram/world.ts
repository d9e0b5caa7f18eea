import { EventEmitter } from "node:events";
import type { Upload } from "./params.ts";
import type { ChatType, Entity, LinkPreviewOptions, User } from "./wire.ts";

export interface Person {
  id: number;
  name: string;
  username: string | null;
  isAdmin: boolean;
}

export type BotStatus = "member" | "administrator" | "left" | "kicked";

/** A chat with its state as the server keeps it. */
export interface Chat {
  id: number;
  type: ChatType;
  title: string;
  username: string | null;
  isForum: boolean;
  /** The bot's own place in it; in a private chat "member" once the person wrote, "kicked" when they blocked it. */
  bot: BotStatus;
  /** A deleted account, or a chat that was deleted. */
  isGone: boolean;
  migratedTo: number | null;
  creator: number | null;
  admins: Set<number>;
  topics: Set<number>;
  messages: Map<number, Stored>;
  pinned: number | null;
}

export interface Picture {
  fileId: string;
  /** Where Telegram was told to load it from; null for an upload. */
  url: string | null;
  upload: Upload | null;
  width: number;
  height: number;
}

export interface Stored {
  id: number;
  chat: Chat;
  /** Null in a channel. */
  from: User | null;
  isOwn: boolean;
  /** The method that sent it; "" for what people wrote. */
  method: string;
  /** Of the text, or the caption under a picture. */
  text: string;
  entities: Entity[];
  picture: Picture | null;
  preview: LinkPreviewOptions | null;
  markup: object | null;
  thread: number | null;
  album: string | null;
  repliesTo: Stored | null;
  forwardedFrom: Stored | null;
  isProtected: boolean;
  /** A notice about the chat itself instead of words. */
  service: object | null;
  /** Milliseconds, like `editedAt`. */
  at: number;
  editedAt: number | null;
  isDeleted: boolean;
}

export type Draft = Pick<Stored, "from" | "isOwn"> & Partial<Omit<Stored, "id" | "chat" | "at">>;

export type World = ReturnType<typeof createWorld>;

/** Who and what there is on the simulated Telegram. */
export function createWorld(now: () => number) {
  const people = new Map<number, Person>();
  const chats = new Map<number, Chat>();
  const pictures = new Map<string, Picture>();
  const arrived: Stored[] = [];
  const changes = new EventEmitter<{ change: [Stored] }>().setMaxListeners(0);
  // Private chats and basic groups count their messages together, a supergroup and a channel each for itself.
  let accountMessages = 0;
  const ownMessages = new Map<number, number>();
  let nextPerson = 700_000_001;
  let nextGroup = 400_000_001;
  let nextPicture = 1;

  const nextMessageId = ({ id, type }: Chat): number => {
    if (type === "private" || type === "group") {
      accountMessages += 1;
      return accountMessages;
    }
    const next = (ownMessages.get(id) ?? 0) + 1;
    ownMessages.set(id, next);
    return next;
  };
  const addChat = (chat: Pick<Chat, "id" | "type" | "title" | "bot"> & Partial<Chat>): Chat => {
    const whole: Chat = {
      username: null,
      isForum: false,
      isGone: false,
      migratedTo: null,
      creator: null,
      admins: new Set(),
      topics: new Set(),
      messages: new Map(),
      pinned: null,
      ...chat,
    };
    chats.set(whole.id, whole);
    return whole;
  };

  return {
    people: (): Person[] => [...people.values()],
    person: (id: number): Person | undefined => people.get(id),
    chats: (): Chat[] => [...chats.values()],
    chat: (id: number): Chat | undefined => chats.get(id),
    pictures,
    /** The bot's messages, in the order in which they arrived. */
    arrived: (): readonly Stored[] => arrived,

    /** With a private chat that is not started. */
    addPerson(person: Omit<Person, "id"> & { id?: number | undefined }): Person {
      while (people.has(nextPerson)) nextPerson += 1;
      const whole = { ...person, id: person.id ?? nextPerson };
      people.set(whole.id, whole);
      addChat({ id: whole.id, type: "private", title: whole.name, username: whole.username, bot: "left" });
      return whole;
    },

    addGroup(chat: Pick<Chat, "type" | "title" | "bot"> & Partial<Chat>): Chat {
      const id = chat.type === "group" ? -nextGroup : -1_002_000_000_000 - nextGroup;
      nextGroup += 1;
      return addChat({ ...chat, id });
    },

    addPicture(picture: Omit<Picture, "fileId">): Picture {
      const whole = { ...picture, fileId: `AgACAgQAAxkBAAIB${String(nextPicture).padStart(6, "0")}` };
      nextPicture += 1;
      pictures.set(whole.fileId, whole);
      return whole;
    },

    add(chat: Chat, draft: Draft): Stored {
      const stored: Stored = {
        method: "",
        text: "",
        entities: [],
        picture: null,
        preview: null,
        markup: null,
        thread: null,
        album: null,
        repliesTo: null,
        forwardedFrom: null,
        isProtected: false,
        service: null,
        editedAt: null,
        isDeleted: false,
        ...draft,
        id: nextMessageId(chat),
        chat,
        at: now(),
      };
      chat.messages.set(stored.id, stored);
      if (stored.isOwn && !stored.service) arrived.push(stored);
      changes.emit("change", stored);
      return stored;
    },

    /** @returns the message that stands under the number; not a deleted one */
    find(chat: Chat, id: number | undefined): Stored | undefined {
      const found = id === undefined ? undefined : chat.messages.get(id);
      return found?.isDeleted ? undefined : found;
    },

    edit(message: Stored, change: Partial<Pick<Stored, "text" | "entities" | "picture" | "preview" | "markup">>): void {
      Object.assign(message, change, { editedAt: now() });
      changes.emit("change", message);
    },

    remove(message: Stored): void {
      message.isDeleted = true;
      if (message.chat.pinned === message.id) message.chat.pinned = null;
      changes.emit("change", message);
    },

    watch(listener: (message: Stored) => void): () => void {
      changes.on("change", listener);
      return () => changes.off("change", listener);
    },
  };
}
