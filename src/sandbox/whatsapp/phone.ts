import type { Phone, PhoneMessage, PhonePerson, PhoneRun } from "../phone.ts";
import { firstLink, parseMarks } from "./marks.ts";
import type { Message, Person, World } from "./world.ts";

/** The world as its people see it on their phones. */
export function createPhone(world: World): Phone {
  const person = ({ id, name, isAdmin }: Person): PhonePerson => ({ id, name, isAdmin });

  /** Phones are looked at more often than written to. */
  const parsed = new WeakMap<Message, { text: string; runs: PhoneRun[] }>();
  const runsOf = (message: Message): PhoneRun[] => {
    const known = parsed.get(message);
    if (known?.text === message.text) return known.runs;
    const runs = parseMarks(message.text);
    parsed.set(message, { text: message.text, runs });
    return runs;
  };

  const shownText = (message: Message): string =>
    runsOf(message)
      .map(({ text }) => text)
      .join("");

  const show = (message: Message): PhoneMessage => {
    const link = message.preview ? (firstLink(message.text) ?? message.preview.link) : null;
    const author = message.author === null ? null : world.person(message.author);
    return {
      id: message.id,
      chat: message.chat,
      author: author && person(author),
      runs: message.deleted ? [] : runsOf(message),
      picture: message.media && message.type === "image" && !message.deleted ? dataAddress(message.media) : null,
      quoted: message.quoted && !message.deleted ? shownText(message.quoted) : null,
      preview:
        link && !message.deleted ? { link, title: message.preview?.title ?? null, large: false, above: true } : null,
      at: message.at,
      editedAt: message.editedAt,
      deleted: message.deleted,
      ticks: message.ack,
    };
  };

  return {
    platform: "whatsapp",
    people: () => world.people().map(person),
    chats: () => [
      ...world.groups().map(({ id, title }) => ({ id, title, kind: "group" as const })),
      ...world
        .people()
        .filter(({ id }) => world.isOpen(id))
        .map(({ id, name }) => ({ id, title: name, kind: "private" as const })),
    ],
    messages: (chat) =>
      world
        .messages(world.resolve(chat))
        .filter(({ notice }) => !notice)
        .map(show),
    say(chat, writer, text) {
      const author = world.person(writer);
      const group = world.group(chat);
      if (!author) throw new Error("Nobody with this id has WhatsApp: add the person first.");
      const rank = group?.members.get(author.id);
      if (group && !rank) throw new Error(`${author.name} is no member of ${group.title}.`);
      if (group?.announce && rank === "member") throw new Error(`Only admins may write in ${group.title}.`);
      // A person's only other chat here is the private one with Crier.
      world.write({ chat: group ? group.id : author.id, author: author.id, text });
    },
    watch: (listener) =>
      world.watch((change) => {
        if (change.kind === "group" || change.kind === "person" || change.message.notice) return;
        listener(show(change.message));
      }),
  };
}

const dataAddress = ({ mimetype, bytes }: { mimetype: string; bytes: Buffer }): string =>
  `data:${mimetype};base64,${bytes.toString("base64")}`;
