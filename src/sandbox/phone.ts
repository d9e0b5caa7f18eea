/**
 * A simulated platform as its people see it: what the sandbox's page draws and where its visitors type.
 * Both simulators offer one; how a message travelled to it is theirs alone.
 */

export interface PhonePerson {
  id: string;
  name: string;
  /** Named as an admin in the sandbox's settings. */
  isAdmin: boolean;
}

export interface PhoneChat {
  id: string;
  title: string;
  kind: "private" | "group" | "channel";
}

/** A run of text in one dress, as the platform understood the markup that it was sent. */
export interface PhoneRun {
  text: string;
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  code?: boolean;
  link?: string;
}

export interface PhoneMessage {
  id: string;
  chat: string;
  /** Null for Crier's own messages. */
  author: PhonePerson | null;
  runs: PhoneRun[];
  /** Where the picture can be loaded from; a `data:` address for an uploaded one. */
  picture: string | null;
  /** The text of the message that it answers. */
  quoted: string | null;
  preview: { link: string; title: string | null; large: boolean; above: boolean } | null;
  at: Date;
  editedAt: Date | null;
  deleted: boolean;
  /** 1 sent, 2 delivered, 3 read. */
  ticks: 1 | 2 | 3;
}

export interface Phone {
  readonly platform: "telegram" | "whatsapp";
  people(): PhonePerson[];
  chats(): PhoneChat[];
  /** Oldest first. */
  messages(chat: string): PhoneMessage[];
  /** A person writes into a chat, or into their private chat with Crier. */
  say(chat: string, person: string, text: string): void;
  /** Calls the listener after each new, edited or deleted message; the answer ends that. */
  watch(listener: (message: PhoneMessage) => void): () => void;
}
