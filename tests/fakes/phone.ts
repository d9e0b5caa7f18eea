import { EventEmitter } from "node:events";
import type { Phone, PhoneChat, PhoneMessage, PhonePerson, PhoneRun } from "#src/sandbox/phone";

export interface FakePhone extends Phone {
  /** Crier posts into a chat. */
  post(chat: string, runs: PhoneRun[], more?: Partial<PhoneMessage>): PhoneMessage;
  change(message: PhoneMessage, change: Partial<PhoneMessage>): void;
}

/** A platform in memory: a reader, an editor and a group of both. */
export function createFakePhone(platform: Phone["platform"]): FakePhone {
  const reader: PhonePerson = { id: `${platform}-7`, name: "Noa", isAdmin: false };
  const editor: PhonePerson = { id: `${platform}-8`, name: "Sam", isAdmin: true };
  const people = [editor, reader];
  const chats: PhoneChat[] = [{ id: `${platform}-100`, title: "Harbour Bell News", kind: "group" }];
  const messages: PhoneMessage[] = [];
  const changes = new EventEmitter<{ change: [PhoneMessage] }>();

  const add = (chat: string, author: PhonePerson | null, runs: PhoneRun[], more: Partial<PhoneMessage> = {}) => {
    const owner = people.find(({ id }) => id === chat);
    if (owner && !chats.some(({ id }) => id === chat)) chats.push({ id: chat, title: owner.name, kind: "private" });
    const message: PhoneMessage = {
      id: String(messages.length + 1),
      chat,
      author,
      runs,
      picture: null,
      quoted: null,
      preview: null,
      at: new Date(),
      editedAt: null,
      deleted: false,
      ticks: 3,
      ...more,
    };
    messages.push(message);
    changes.emit("change", message);
    return message;
  };

  return {
    platform,
    people: () => people,
    chats: () => chats,
    messages: (chat) => messages.filter((message) => message.chat === chat),
    say(chat, person, text) {
      add(chat, people.find(({ id }) => id === person) ?? null, [{ text }]);
    },
    watch(listener) {
      changes.on("change", listener);
      return () => changes.off("change", listener);
    },
    post: (chat, runs, more) => add(chat, null, runs, more),
    change(message, change) {
      Object.assign(message, change);
      changes.emit("change", message);
    },
  };
}
