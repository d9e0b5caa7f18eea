/** A text of a feed. HTML, or plain where its kind is "plain"; feeds that do not say which are read as both allow. */
export interface Text {
  kind: "plain" | "html";
  value: string;
}

/** One item of a feed as its format gives it, formats told apart no longer. Candidates stand in order of preference. */
export interface Item {
  id?: string | undefined;
  links: string[];
  /** The page itself, where the links lead over one that counts readers. */
  origin?: string | undefined;
  title?: Text | undefined;
  /** What may serve as its summary. */
  summaries: Text[];
  /** The whole of it. */
  content?: Text | undefined;
  kicker?: string | undefined;
  /** When it was published first. */
  published: string[];
  /** When it was changed last. */
  updated: string[];
  authors: string[];
  topics: string[];
  /** Pictures that the feed names as such, best first. */
  images: string[];
  language?: string | undefined;
  /** What its links are relative to, as written. */
  base?: string | undefined;
}

/** A whole feed, formats told apart no longer. */
export interface Document {
  title?: Text | undefined;
  /** The site that it belongs to. */
  link?: string | undefined;
  /** Whose items they are that name nobody. */
  authors: string[];
  language?: string | undefined;
  base?: string | undefined;
  /** Minutes that it asks to be left alone. */
  ttlMinutes?: number | undefined;
  /** WebSub: who tells of news, and under which name. */
  hub?: string | undefined;
  self?: string | undefined;
  items: Item[];
  /** Items that were taken back, and when. */
  retracted: { id: string; when: string | undefined }[];
}

/** "mail@example.org (Name)", "Name <mail@example.org>": the name where there is one. */
export function personName(raw: string | undefined): string | undefined {
  const text = raw?.trim().slice(0, 500);
  if (!text) return undefined;
  if (!text.includes("@") && !text.includes("mailto:")) return text;
  const named =
    /^[^\s()<>]+@[^\s()<>]+\s*\((.+)\)$/s.exec(text)?.[1] ??
    /^(.+?)(?:\s*[(<[]\s*|\s+)(?:mailto:)?[^\s()<>[\]]+@[^\s()<>[\]]+[)>\]]?$/s.exec(text)?.[1] ??
    /^[^\s()<>]+@[^\s()<>]+\s+[-–—:,]?\s*(.+)$/s.exec(text)?.[1];
  return named?.replace(/^["'(\s]+|["')\s]+$/g, "") || text;
}

/** Those that are there. */
export const given = <T>(values: readonly (T | undefined | "")[]): T[] =>
  values.filter((value): value is T => value !== undefined && value !== "");
