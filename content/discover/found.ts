import type { Article } from "#core/model";
import type { FetchResult } from "#core/ports";
import { canonical } from "../shared/url.ts";

/** One way to read a site, tried: what it brought. */
export interface Found {
  kind: "feed" | "sitemap" | "wordpress" | "listing";
  /** To be added as it stands. */
  address: string;
  title: string | null;
  /** How many it holds now. */
  articles: number;
  newestAt: Date | null;
  /** Articles a day, by the newest of them; null where too few are dated. */
  perDay: number | null;
  /** That of most of its articles. */
  language: string | null;
  /** It names a hub that tells of news at once. */
  hub: boolean;
}

/** One way to read a site, tried, and what tells it from others. */
export interface Look {
  found: Found;
  /** Its articles' links, or headlines where they have none, without what differs between twins. */
  stories: Set<string>;
}

/** How many of the newest articles tell how often there are new ones. */
const mostDated = 30;
const dayMs = 24 * 3_600_000;
/** A feed that is this far behind another of its site is left over from former times. */
const staleMs = 30 * dayMs;

/** What a first reading tells of a source. */
export function lookAt(
  kind: Found["kind"],
  address: string,
  { title, articles, movedTo, hub }: Extract<FetchResult, { kind: "fetched" }>,
): Look {
  const times = articles.flatMap(({ publishedAt, updatedAt }) => (publishedAt ?? updatedAt)?.getTime() ?? []);
  const newest = times.sort((a, b) => b - a).slice(0, mostDated);
  return {
    found: {
      kind,
      // WordPress is remembered by its site, wherever the API answers.
      address: kind === "wordpress" ? address : (movedTo ?? address),
      title,
      articles: articles.length,
      newestAt: newest[0] === undefined ? null : new Date(newest[0]),
      perDay: rateOf(newest),
      language: commonest(articles.flatMap(({ language }) => language ?? [])),
      hub: hub !== undefined,
    },
    stories: new Set(articles.map(storyOf)),
  };
}

const storyOf = ({ url, title }: Article): string => (url ? sameAddress(url) : title);

/** An address without what differs between twins: scheme, "www.", closing slash. */
export const sameAddress = (address: string): string =>
  canonical(address)
    .replace(/^https?:\/\/(?:www\.)?/i, "")
    .replace(/\/(?=$|\?)/, "");

function rateOf(newest: number[]): number | null {
  const span = (newest[0] ?? 0) - (newest.at(-1) ?? 0);
  return span > 0 ? ((newest.length - 1) * dayMs) / span : null;
}

function commonest(values: string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[string | null, number]>((best, one) => (one[1] > best[1] ? one : best), [null, 0])[0];
}

/** True for a feed of what readers write under the articles. */
export const isOfComments = ({ address, title }: Pick<Found, "address" | "title">): boolean =>
  /(?:^|[/_.-])comments?(?:$|[/_.-])|[?&]feed=comments/i.test(new URL(address).pathname + new URL(address).search) ||
  /^\s*(?:comments (?:on|for)\b|תגובות|комментарии|تعليقات)/i.test(title ?? "");

const kinds: readonly Found["kind"][] = ["feed", "wordpress", "sitemap", "listing"];

/** Each story list once, best first: those of the section that was asked for, what is alive, feeds before what imitates them; comments last. */
export function bestFirst(looks: readonly Look[], section: string): Found[] {
  const single: Look[] = [];
  for (const look of looks) {
    if (!single.some((other) => isTwin(other, look))) single.push(look);
  }
  const newestAt = Math.max(0, ...single.map(({ found }) => found.newestAt?.getTime() ?? 0));
  const rank = (found: Found): number[] => [
    Number(isOfComments(found)),
    Number(found.articles === 0),
    Number(found.newestAt !== null && newestAt - found.newestAt.getTime() > staleMs),
    Number(section !== "" && !sameAddress(found.address).startsWith(`${section}/`)),
    kinds.indexOf(found.kind),
  ];
  return single.map(({ found }) => found).sort((a, b) => compare(rank(a), rank(b)));
}

function isTwin(one: Look, other: Look): boolean {
  if (one.found.kind !== other.found.kind) return false;
  if (sameAddress(one.found.address) === sameAddress(other.found.address)) return true;
  return one.stories.size > 0 && one.stories.size === other.stories.size && one.stories.isSubsetOf(other.stories);
}

function compare(a: number[], b: number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
