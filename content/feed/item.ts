import type { MediaNs } from "feedsmith";

/** One item of a feed as its format gives it, formats told apart no longer. Texts are HTML unless they happen to be plain. */
export interface Item {
  id?: string | undefined;
  /** Candidates in order of preference. */
  links: (string | undefined)[];
  title?: string | undefined;
  /** Candidates in order of preference. */
  texts: (string | undefined)[];
  kicker?: string | undefined;
  /** Candidates in order of preference. */
  dates: (string | undefined)[];
  topics: (string | undefined)[];
  /** Pictures that the feed names as such, best first. */
  images: (string | undefined)[];
  language?: string | undefined;
  /** xml:base, as written. */
  base?: string | undefined;
}

/** A whole feed, formats told apart no longer. */
export interface Document {
  title?: string | undefined;
  /** The site that it belongs to. */
  link?: string | undefined;
  language?: string | undefined;
  base?: string | undefined;
  /** Minutes that it asks to be left alone. */
  ttlMinutes?: number | undefined;
  items: Item[];
}

const looksLikePicture = (address: string | undefined): boolean =>
  /\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)/i.test(address ?? "");

/** An attachment's address when it is a picture. */
export const pictureEnclosure = (url: string | undefined, type: string | undefined): string | undefined =>
  type?.toLowerCase().startsWith("image/") || (!type && looksLikePicture(url)) ? url : undefined;

/** Media RSS: pictures by size, then the thumbnails of films, by size. */
export function mediaPictures(media: MediaNs.ItemOrFeed | undefined): (string | undefined)[] {
  if (!media) return [];
  const contents = [...(media.contents ?? []), ...(media.groups ?? []).flatMap((group) => group.contents ?? [])];
  const pictures = contents.filter(
    ({ medium, type, url }) =>
      medium === "image" || type?.toLowerCase().startsWith("image/") || (!medium && !type && looksLikePicture(url)),
  );
  const thumbnails = [media, ...(media.groups ?? []), ...contents].flatMap((part) => part.thumbnails ?? []);
  return [...widestFirst(pictures), ...widestFirst(thumbnails)].map(({ url }) => url as string | undefined);
}

/** Those of the same width keep the feed's order. */
const widestFirst = <T extends { width?: number; isDefault?: boolean }>(pictures: T[]): T[] =>
  pictures.toSorted(
    (a, b) => Number(b.isDefault ?? false) - Number(a.isDefault ?? false) || (b.width ?? 0) - (a.width ?? 0),
  );
