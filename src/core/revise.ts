import type { Article } from "#core/model";

/** True when a reader of the message would see a difference. A changed date, order of topics or picture address's query is none. */
export function isRevision(before: Article, after: Article): boolean {
  return (
    flat(before.title) !== flat(after.title) ||
    flat(before.kicker) !== flat(after.kicker) ||
    flat(before.summary) !== flat(after.summary) ||
    withoutQuery(before.image) !== withoutQuery(after.image)
  );
}

const flat = (text: string | null): string => (text ?? "").normalize("NFC").replace(/\s+/g, " ").trim();

/** Picture servers put sizes and signatures there, new ones for each reader. */
const withoutQuery = (address: string | null): string => (address ?? "").split(/[?#]/, 1)[0] ?? "";
