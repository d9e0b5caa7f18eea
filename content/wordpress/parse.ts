import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import { decode } from "../shared/charset.ts";
import { parseDate } from "../shared/dates.ts";
import { languageTag } from "../shared/language.ts";
import { firstSentence, standfirst } from "../shared/lead.ts";
import { distinctNames, isBreakingName, mostNames } from "../shared/names.ts";
import { headline, readHtml } from "../shared/text.ts";
import { absolute, canonical, siteName } from "../shared/url.ts";
import { at, jsonIn, listAt, textAt } from "./json.ts";

/** What a site says of itself. */
export interface Site {
  /** Null when it does not say. */
  name: string | null;
  /** How far its clock is before UTC, for posts that lack a time in UTC. */
  offsetMs: number;
}

/** Wider pictures weigh megabytes, and no chat shows more. */
const widest = 2048;

type From = { url: string; contentType: string | null };

/** The posts of one answer, unread. @throws FeedError "not-a-feed" when it is no list */
export function readPosts(bytes: Uint8Array, { url, contentType }: From): unknown[] {
  const posts = jsonIn(decode(bytes, contentType));
  if (Array.isArray(posts)) return posts;
  throw new FeedError(
    "not-a-feed",
    `${url} answered without a list of posts: is it a WordPress site? Its feed, mostly under /feed/, may work instead.`,
  );
}

/** What a site says of itself at its API's root. */
export function readSite(bytes: Uint8Array, contentType: string | null): Site {
  const root = jsonIn(decode(bytes, contentType));
  const hours = Number(at(root, "gmt_offset"));
  return {
    name: headline(textAt(root, "name")) || null,
    offsetMs: Math.abs(hours) <= 15 ? hours * 3_600_000 : 0,
  };
}

/** Null for what is no published article: drafts, posts behind a password, and what says nothing at all. */
export function toArticle(post: unknown, site: Site, base: string): Article | null {
  const id = at(post, "id");
  if (typeof id !== "number" || !Number.isSafeInteger(id)) return null;
  if ((textAt(post, "status") || "publish") !== "publish" || at(post, "content", "protected") === true) return null;
  const link = absolute(textAt(post, "link"), base) ?? absolute(textAt(post, "guid", "rendered"), base);
  const url = link && canonical(link);
  const named = headline(textAt(post, "title", "rendered"));
  const content = readHtml(textAt(post, "content", "rendered"));
  const summary = summaryOf(post, content.blocks, named);
  const title = named || firstSentence(summary ?? "");
  if (!title) return null;
  const topics = topicsOf(post);
  return {
    // WordPress's own number: links change with an editor's second thought, the guid with the site's move.
    sourceId: `wp:${id}`,
    url,
    title,
    kicker: null,
    summary: !named && summary === title ? null : summary,
    text: content.blocks.join("\n\n") || null,
    image: absolute(pictureOf(post) ?? content.images[0], url ?? base),
    authors: authorsOf(post),
    source: site.name ?? siteName(url ?? base),
    topics,
    language: languageOf(post),
    publishedAt: instant(post, "date", site),
    updatedAt: instant(post, "modified", site),
    breaking: topics.some(isBreakingName),
  };
}

/** The editor's excerpt; where WordPress cut the body's first words instead, what was written for search engines, or the lead itself. */
function summaryOf(post: unknown, body: string[], title: string): string | null {
  const excerpt = standfirst(readHtml(textAt(post, "excerpt", "rendered")).blocks, title);
  if (excerpt && !excerpt.endsWith("…")) return excerpt;
  const described = ["description", "og_description"].map((name) => headline(textAt(post, "yoast_head_json", name)));
  return (
    described.find((text) => text && text !== title && !/(?:…|\.{3})\]?$/.test(text)) ??
    standfirst(body, title) ??
    excerpt
  );
}

/** "2025-06-03T05:00:00" in UTC; else in the site's own time. Drafts have zeros, which are no date. */
function instant(post: unknown, name: "date" | "modified", { offsetMs }: Site): Date | null {
  const utc = parseDate(textAt(post, `${name}_gmt`));
  if (utc) return utc;
  const local = parseDate(textAt(post, name));
  return local && new Date(local.getTime() - offsetMs);
}

/** The lead picture: as wide as a chat shows it, from the post itself, then from what other plugins say of it. */
function pictureOf(post: unknown): string | undefined {
  const media = at(post, "_embedded", "wp:featuredmedia", 0);
  const isPicture = (textAt(media, "mime_type") || "image/").startsWith("image/");
  const sizes = Object.values(at(media, "media_details", "sizes") ?? {})
    .filter((size) => Number(at(size, "width")) <= widest)
    .sort((a, b) => Number(at(b, "width")) - Number(at(a, "width")));
  const isSmall = Number(at(media, "media_details", "width") ?? 0) <= widest;
  const full = textAt(media, "source_url");
  const sized = textAt(sizes[0], "source_url");
  const candidates = [
    ...(isPicture ? (isSmall ? [full, sized] : [sized, full]) : []),
    textAt(post, "jetpack_featured_media_url"),
    textAt(post, "yoast_head_json", "og_image", 0, "url"),
  ];
  return candidates.find(Boolean);
}

/** Names of the terms of one taxonomy. */
const termsOf = (post: unknown, taxonomy: string): string[] =>
  listAt(post, "_embedded", "wp:term")
    .flatMap((terms) => (Array.isArray(terms) ? terms : []))
    .filter((term) => textAt(term, "taxonomy") === taxonomy && textAt(term, "slug") !== "uncategorized")
    .map((term) => textAt(term, "name"));

/** Those of a plugin for several authors, else the account that posted it, else what is told to search engines. */
function authorsOf(post: unknown): string[] {
  const accounts = listAt(post, "_embedded", "author").map((author) => textAt(author, "name"));
  const candidates = [termsOf(post, "author"), accounts, [textAt(post, "yoast_head_json", "author")]];
  return (
    candidates
      .map(distinctNames)
      .find((names) => names.length > 0)
      ?.slice(0, mostNames) ?? []
  );
}

const topicsOf = (post: unknown): string[] =>
  distinctNames([...termsOf(post, "category"), ...termsOf(post, "post_tag")]).slice(0, mostNames);

/** What a plugin for several languages says, else Yoast's locale ("he_IL"); WordPress itself does not tell. */
function languageOf(post: unknown): string | null {
  const tags = [
    textAt(post, "lang"),
    textAt(post, "wpml_current_locale"),
    textAt(post, "yoast_head_json", "og_locale"),
  ];
  return languageTag(tags.find(Boolean));
}
