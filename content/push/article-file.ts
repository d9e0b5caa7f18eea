import { z } from "zod";
import type { Article } from "#core/model";
import { languageTag } from "../shared/language.ts";
import { linkId, textId } from "../shared/source-id.ts";
import { headline, readHtml } from "../shared/text.ts";
import { absolute, canonical, siteName } from "../shared/url.ts";

/** An article as somebody else's program hands it to Crier. */
export interface ArticleFile {
  article: Article;
  /** Only its address was given: its headline and the rest stand on its page. */
  isBare: boolean;
  /** The publisher takes it back. */
  retracted: boolean;
}

/** A field that must be mended: "topics.2" and what is wrong with it, in words that follow the field's name. */
export interface Problem {
  path: string;
  problem: string;
}

/** Words for a field that is not as it must be; null and no field at all say the same. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);
const text = (most: number) => z.string("must be text").max(most, `must not be longer than ${most} characters`);
const textList = (most: number) =>
  z.array(text(200), 'must be a list of texts, as in ["one", "two"]').max(most, `must not hold more than ${most}`);
const flag = z.boolean("must be true or false");
const time = z.iso
  .datetime({ offset: true, error: 'must be a time with its zone, as in "2026-03-01T14:05:00+02:00"' })
  .transform((value) => new Date(value));
const address = text(4096).transform((value, context) => {
  const url = absolute(/^https?:\/\//i.test(value.trim()) ? value : null, null);
  if (url) return url;
  context.addIssue("must be a whole address that begins with https:// or http://");
  return z.NEVER;
});
/** As a store's index takes it. Many publishing tools count theirs. */
const id = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  z
    .string("must be text or a whole number")
    .regex(/^[^\p{Cc}\p{Cs}]{1,500}$/u, "must be 1 to 500 characters, none of them a control character"),
);
const language = text(35).transform((value, context) => {
  const tag = languageTag(value);
  if (tag) return tag;
  context.addIssue('must be a language tag, as in "he" or "en-GB"');
  return z.NEVER;
});

const shape = z.object(
  {
    title: optional(text(4000).refine((value) => headline(value) !== "", "must not be empty")),
    url: optional(address),
    id: optional(id),
    kicker: optional(text(1000)),
    summary: optional(text(10_000)),
    text: optional(text(1_000_000)),
    image: optional(address),
    authors: optional(textList(50)),
    source: optional(text(200)),
    topics: optional(textList(50)),
    language: optional(language),
    publishedAt: optional(time),
    updatedAt: optional(time),
    breaking: optional(flag),
    retracted: optional(flag),
  },
  "must be an article: an object with at least a title or a url",
);

/**
 * Reads an article from JSON. A title is enough, or a url whose page says the rest; what is taken back needs its id or
 * url. Texts may be plain or HTML and come out plain; fields of other names are left alone.
 */
export function readArticleFile(json: unknown): ArticleFile | { problems: Problem[] } {
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    return { problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), problem: message })) };
  }
  const given = parsed.data;
  const retracted = given.retracted ?? false;
  if (retracted && !given.id && !given.url) {
    return { problems: [{ path: "id", problem: "is missing: what is taken back needs its id or its url" }] };
  }
  if (!retracted && !given.title && !given.url) {
    return { problems: [{ path: "title", problem: "is missing: give it, or a url whose page says it" }] };
  }
  const url = given.url && canonical(given.url);
  const title = headline(given.title ?? "");
  const line = (value: string | null): string | null => headline(value ?? "") || null;
  const article: Article = {
    sourceId: given.id ?? (url ? linkId(url) : textId(title)),
    url,
    title,
    ...(title ? {} : { titleIsGuess: true as const }),
    kicker: line(given.kicker),
    summary: readHtml(given.summary ?? "").blocks.join(" ") || null,
    text: readHtml(given.text ?? "").blocks.join("\n\n") || null,
    image: given.image,
    authors: lines(given.authors),
    source: line(given.source) ?? (url ? siteName(url) : ""),
    topics: lines(given.topics),
    language: given.language,
    publishedAt: given.publishedAt,
    updatedAt: given.updatedAt,
    breaking: given.breaking ?? false,
  };
  return { article, isBare: !given.title && !retracted, retracted };
}

/** Each once and none empty. */
const lines = (given: string[] | null): string[] => [...new Set((given ?? []).map(headline).filter(Boolean))];
