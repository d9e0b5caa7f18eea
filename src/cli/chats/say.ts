import type { Chat } from "#core/model";
import type { ChatView } from "#core/ports";
import { plain, relativeTime } from "../say.ts";

/** An address that tells a person nothing but which of a few it is: phone numbers do not stand on screens unasked. */
export const masked = (address: string): string => `•••${(address.split("@", 1)[0] || address).slice(-3)}`;

/** A chat without its address, and without a title that is a phone number, unless they are asked for. */
export function shown<Shown extends Chat>(chat: Shown, withAddresses: boolean): Shown {
  if (withAddresses) return chat;
  const isNumber = chat.title !== null && !/\p{L}/u.test(chat.title) && /\d/.test(chat.title);
  return {
    ...chat,
    address: masked(chat.address),
    title: isNumber ? masked(chat.title?.trim() ?? "") : chat.title,
  };
}

/** How a sentence names a chat. */
export const chatName = (chat: Chat, withAddresses = false): string => {
  const { id, title } = shown(chat, withAddresses);
  return `Chat ${id}${title === null ? "" : `, ${plain(title)}`}`;
};

/** Whether a chat gets anything, and why not. */
export function standing({ subscribedSince, closedWhy }: ChatView, now: Date): string {
  if (closedWhy !== null) return `Closed: ${plain(closedWhy)}`;
  if (subscribedSince === null) return "Not subscribed: nothing comes there.";
  return `Subscribed ${relativeTime(subscribedSince, now)}, at ${subscribedSince.toISOString()}.`;
}
