import type { Phone, PhoneChat, PhoneMessage, PhonePerson, PhoneRun } from "../phone.ts";
import type { Deeds } from "./people.ts";
import { mediaTypeOf } from "./pictures.ts";
import type { Entity } from "./wire.ts";
import type { Chat, Person, Picture, Stored, World } from "./world.ts";

/** The world as its people see it on their phones. */
export function createPhone(world: World, deeds: Deeds): Phone {
  const show = (message: Stored): PhoneMessage => {
    const author = message.isOwn || !message.from ? null : world.person(message.from.id);
    const isGone = message.isDeleted;
    return {
      id: String(message.id),
      chat: String(message.chat.id),
      author: author ? showAuthor(author) : null,
      runs: isGone ? [] : runsOf(message),
      picture: isGone || !message.picture ? null : addressOf(message.picture),
      quoted: isGone ? null : (message.repliesTo?.text ?? null),
      preview: isGone ? null : previewOf(message),
      at: new Date(message.at),
      editedAt: message.editedAt === null ? null : new Date(message.editedAt),
      deleted: isGone,
      ticks: 3,
    };
  };

  return {
    platform: "telegram",
    people: () => world.people().map(showAuthor),
    chats: () => world.chats().filter(isListed).map(showListed),
    messages(id) {
      const chat = world.chat(Number(id));
      const messages = chat ? [...chat.messages.values()] : [];
      return messages.filter(({ service }) => service === null).map(show);
    },
    say(chat, person, text) {
      deeds.say(Number(chat), Number(person), text);
    },
    watch: (listener) =>
      world.watch((message) => {
        if (message.service === null) listener(show(message));
      }),
  };
}

export const showAuthor = ({ id, name, isAdmin }: Person): PhonePerson => ({ id: String(id), name, isAdmin });

/** A private chat shows once there is something in it; a group that grew shows as what it became. */
const isListed = (chat: Chat): boolean =>
  chat.type === "private" ? chat.bot !== "left" && !chat.isGone : chat.migratedTo === null;

const showListed = ({ id, title, type }: Chat): PhoneChat => ({
  id: String(id),
  title,
  kind: type === "supergroup" ? "group" : type,
});

const addressOf = ({ url, upload }: Picture): string =>
  upload ? `data:${mediaTypeOf(upload.bytes) ?? "image/jpeg"};base64,${upload.bytes.toString("base64")}` : (url ?? "");

function previewOf({ text, entities, picture, preview }: Stored): PhoneMessage["preview"] {
  if (picture || preview?.is_disabled) return null;
  const first = entities.find(({ type }) => type === "text_link" || type === "url");
  const link = preview?.url ?? (first && (first.url ?? text.slice(first.offset, first.offset + first.length)));
  if (!link) return null;
  return { link, title: null, large: preview?.prefer_large_media ?? false, above: preview?.show_above_text ?? false };
}

const dresses: Readonly<Record<string, Omit<PhoneRun, "text" | "link">>> = {
  bold: { bold: true },
  italic: { italic: true },
  underline: { underline: true },
  strikethrough: { strike: true },
  code: { code: true },
  pre: { code: true },
};

/** Cuts the text wherever an entity begins or ends. */
function runsOf({ text, entities }: Stored): PhoneRun[] {
  const edges = entities.flatMap(({ offset, length }) => [offset, offset + length]);
  const cuts = [...new Set([0, ...edges, text.length])].filter((cut) => cut <= text.length).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, index) => {
    const run = text.slice(start, cuts[index + 1]);
    const over = entities.filter(({ offset, length }) => offset <= start && start < offset + length);
    const link = over.map((entity) => linkOf(entity, text)).find((address) => address !== null);
    return {
      text: run,
      ...Object.assign({}, ...over.map(({ type }) => dresses[type] ?? {})),
      ...(link ? { link } : {}),
    };
  });
}

function linkOf({ type, url, offset, length }: Entity, text: string): string | null {
  if (type === "text_link") return url ?? null;
  return type === "url" ? text.slice(offset, offset + length) : null;
}
