import type { Article } from "#core/model";
import { decode } from "../shared/charset.ts";
import { languageTag } from "../shared/language.ts";
import { standfirst } from "../shared/lead.ts";
import { distinctNames, mostNames } from "../shared/names.ts";
import { ownId } from "../shared/source-id.ts";
import { headline } from "../shared/text.ts";
import { absolute, canonical, siteName } from "../shared/url.ts";
import { localDate } from "./dates.ts";
import { type FrontMatter, PostError, splitPost } from "./front-matter.ts";
import { readLine, readMarkdown } from "./markdown.ts";

/** One file, read. */
export type Post =
  | {
      state: "ready";
      article: Article;
      /** Its editor gave the date, so that one to come holds it back; else it is the file's. */
      isDated: boolean;
    }
  | { state: "retracted"; sourceId: string }
  /** A draft, or a file that says nothing. */
  | { state: "held" };

export interface PostContext {
  /** The file's name, relative to the folder. */
  name: string;
  changedAt: Date;
  /** What the newsroom is called where the post does not say it. */
  source: string;
  /** The zone of dates that name none. */
  timeZone: string;
}

/**
 * Reads a Markdown file with front matter. Its title is the front matter's, else the first heading, else the file's name;
 * its date the front matter's, else one at the head of the file's name, else that of the file's last change.
 *
 * @throws PostError for front matter that is not understood in full: it may hold the post back, so nothing is guessed
 */
export function parsePost(bytes: Uint8Array, context: PostContext): Post {
  const { matter, body } = splitPost(textOf(bytes));
  // It stays when the title changes, and moves with the file only where its editor gave it an id.
  const sourceId = ownId(matter.text("id") ?? context.name);
  if (matter.flag("retracted") === true) return { state: "retracted", sourceId };
  if (matter.flag("draft") === true || matter.flag("published") === false) return { state: "held" };
  const named = headline(matter.text("title", "headline") ?? "");
  const { heading, blocks, images } = readMarkdown(body, !named);
  if (!named && blocks.length === 0 && !heading) return { state: "held" };

  const fromName = nameOf(context.name);
  const title = named || headline(heading ?? "") || headline(fromName.title);
  // Many repeat their title as a heading over the text.
  const said = blocks[0] === title ? blocks.slice(1) : blocks;
  const url = linkOf(matter.text("url", "link", "permalink", "canonical"), null);
  const date = dateOf(matter, context.timeZone) ?? (fromName.date ? localDate(fromName.date, context.timeZone) : null);
  const summary = matter.text("summary", "standfirst", "description", "excerpt");
  const topics = matter.list("topics", "topic", "categories", "category", "tags", "tag");
  return {
    state: "ready",
    isDated: date !== null,
    article: {
      sourceId,
      url: url && canonical(url),
      title,
      kicker: headline(matter.text("kicker") ?? "") || null,
      summary: (summary && readLine(summary)) || standfirst(said, title),
      text: said.join("\n\n") || null,
      image: firstLink([matter.text("image", "cover", "picture"), ...images], url),
      authors: distinctNames(matter.list("authors", "author", "byline")).slice(0, mostNames),
      source: headline(matter.text("source") ?? "") || (url ? siteName(url) : context.source),
      topics: distinctNames(topics.map((topic) => topic.replace(/^#/, ""))).slice(0, mostNames),
      language: languageTag(matter.text("language", "lang", "locale")),
      publishedAt: date ?? context.changedAt,
      updatedAt: dateUnder(matter, ["updated", "updatedAt", "modified", "lastmod"], context.timeZone),
      breaking: matter.flag("breaking") === true,
    },
  };
}

/** A post is no document that may begin late or name its own charset, unless it is not UTF-8. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return decode(bytes, null);
  }
}

/** "2026-11-24-ferry-runs-again.md": a date, and a title for a post that has none. A folder's index is named by the folder. */
function nameOf(name: string): { date: string | null; title: string } {
  const parts = name.replace(/\.\w+$/, "").split("/");
  const own = parts.at(-1) ?? "";
  const base = /^index$/i.test(own) ? (parts.at(-2) ?? own) : own;
  const [, date = null, rest = base] = /^(\d{4}-\d{2}-\d{2})(?:[-_. ]+(.*))?$/.exec(base) ?? [];
  const words = rest.replace(/[-_]+/g, " ").trim() || base;
  return { date, title: words.charAt(0).toUpperCase() + words.slice(1) };
}

function dateOf(matter: FrontMatter, timeZone: string): Date | null {
  return dateUnder(matter, ["date", "publishedAt", "publishDate", "pubDate", "published"], timeZone);
}

/** @throws PostError for a date that cannot be read: it may be one to come */
function dateUnder(matter: FrontMatter, keys: string[], timeZone: string): Date | null {
  for (const key of keys) {
    const text = matter.text(key);
    if (text === null || /^(?:true|yes|on)$/i.test(text)) continue;
    const date = localDate(text, timeZone);
    if (date) return date;
    const said = headline(text).slice(0, 60);
    throw new PostError(`${key} "${said}" is no date: write it as 2026-11-24 14:05`, matter.lineOf(key));
  }
  return null;
}

/** An absolute address; a relative one only where there is a page that it starts from. */
function linkOf(address: string | null, base: string | null): string | null {
  const text = address?.trim();
  if (!text) return null;
  const named = /^(?:\/\/)?([\w-]+(?:\.[\w-]+)+\/.*)$/.exec(text)?.[1];
  if (named) return absolute(`https://${named}`, null);
  return base || /^https?:/i.test(text) ? absolute(text, base) : null;
}

function firstLink(addresses: (string | null)[], base: string | null): string | null {
  for (const address of addresses) {
    const link = linkOf(address, base);
    if (link) return link;
  }
  return null;
}
