import type { Phone, PhoneChat, PhonePerson } from "../phone.ts";

/** A chat as the page offers it. */
export interface Pane {
  id: string;
  title: string;
  kind: PhoneChat["kind"];
  /** Whose private chat with Crier it is. */
  owner: PhonePerson | null;
}

/** The groups first, then everybody's private chat: also one in which nothing was said yet, as it can be begun here. */
export function panesOf(phone: Phone): Pane[] {
  const chats = phone.chats();
  const owners = phone.people().toSorted((a, b) => Number(a.isAdmin) - Number(b.isAdmin));
  return [
    ...chats.filter(({ kind }) => kind !== "private").map((chat): Pane => ({ ...chat, owner: null })),
    ...owners.map((owner): Pane => ({ id: owner.id, title: owner.name, kind: "private", owner })),
  ];
}

/** Who may speak in a chat: its owner in private; anybody of the cast in a group, the reader first. */
export const speakersOf = (phone: Phone, pane: Pane): PhonePerson[] =>
  pane.owner ? [pane.owner] : phone.people().toSorted((a, b) => Number(a.isAdmin) - Number(b.isAdmin));

export const roleOf = ({ isAdmin }: PhonePerson): string => (isAdmin ? "editor" : "reader");
