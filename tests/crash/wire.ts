/** What is spoken between the bot of the process that is killed and the platform that outlives it. */

/** One call of the bot. */
export interface Call {
  what: "send" | "edit" | "recall" | "find";
  chat: string;
  key?: string;
  kind?: "article" | "broadcast" | "digest" | "notice";
  /** What the message says. */
  text?: string;
  /** The message that is edited or recalled. */
  id?: string;
}

export type Answer =
  | { id: string | null }
  | { found: string | "absent" | "unknowable" }
  | { refused: "rate-limited" | "temporary"; waitMs: number };

/** What somebody wrote to the bot. */
export interface Written {
  id: string;
  chat: string;
  name: string;
  words: string;
  isAdmin: boolean;
}

/** As the bot says: nothing of a call is on its way any more after so long. */
export const callTimeoutMs = 1_000;
export const editorChat = "editor";
/** The chat in which Crier speaks to its admins. */
export const deskChat = "desk";
export const platformName = "wire";
