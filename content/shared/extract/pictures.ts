import { absolute, readable } from "../url.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import type { Meta } from "./meta.ts";
import { all, byName, type Document, type Element, placeOf, within } from "./tree.ts";

/** What stands in for a picture, or is none of the story's. */
const noPicture =
  /(?:^|[/_.-])(?:logo|placeholder|spacer|blank|pixel|avatar|gravatar|icon|favicon|sprite|noimage|no-image|transparent|1x1|emoji|badge)s?(?:[/_.-]|$)|\.svg(?:[?#]|$)|feedburner|doubleclick|scorecardresearch|facebook\.com\/tr|\/default(?:[_-]?(?:image|img|share|thumb\w*))?\.\w+(?:[?#]|$)/i;

/** A cut with a site's name or a frame on it, made for other sites' previews. */
const forSharing = /facebook|watermark|branded|[/_.-](?:ogp|og|twitter|opengraph|social)(?:[/_.-]|$)/i;

/**
 * The lead picture's address. The head names it, if need be in a cut for previews elsewhere, with a site's name on it;
 * where the page shows the same picture itself, that is the one its readers know.
 */
export function findPicture(
  document: Document,
  ld: JsonLd,
  meta: Meta,
  base: string,
  heading: Element | null,
): string | null {
  const usable = (addresses: (string | null)[]): string[] =>
    addresses.map((address) => absolute(address, base)).filter((address) => address !== null);
  const shared = usable(meta("og:image", "og:image:url", "og:image:secure_url"));
  const told = usable(ld.article ? picturesOf(ld.article.image, ld) : []);
  const said = [
    ...shared,
    ...told,
    ...usable([
      ...meta("twitter:image", "twitter:image:src", "parsely:image:url", "sailthru:image:full", "image", "thumbnail"),
      ...(ld.article ? picturesOf(ld.article.thumbnailUrl, ld) : []),
      ...(ld.page ? picturesOf(ld.page.image ?? ld.page.primaryImageOfPage ?? ld.page.thumbnailUrl, ld) : []),
      ...all(document, ({ name, attribs }) => name === "link" && attribs.rel === "image_src", 1).map(
        ({ attribs }) => attribs.href ?? "",
      ),
    ]),
  ];
  const clean = said.filter((address) => !noPicture.test(address));
  const main = clean.find((address) => !forSharing.test(address)) ?? clean[0];
  if (!main)
    return inPage(document, base, heading)[0] ?? said.find((address) => !/\.svg(?:[?#]|$)/i.test(address)) ?? null;
  if (ld.article === null) return main;
  return inPage(document, base, heading).find((address) => samePicture(address, main)) ?? main;
}

/** Two cuts of one picture: a long part of their names is the same. */
function samePicture(a: string, b: string): boolean {
  const names = partsOf(b);
  return partsOf(a).some((part) => names.includes(part));
}

/** What may name a picture in its address: parts with digits in them, or long ones; no sizes, no words of the site's paths. */
const partsOf = (address: string): string[] =>
  readable(address)
    .replace(/^https?:\/\/[^/]+/, "")
    .split(/[^\p{L}\p{N}]+/u)
    .filter(
      (part) => (part.length >= 7 && /\d{5}/.test(part)) || (part.length >= 11 && /\d/.test(part)) || part.length >= 16,
    );

const picturesOf = (value: unknown, ld: JsonLd): string[] => {
  const first = textsOf(value, ld, "url");
  return first.length > 0 ? first : textsOf(value, ld, "contentUrl");
};

const outside = /footer|sidebar|related|comment|avatar|author|logo|banner|advert|promo|teaser|share|social|nav\b/i;

/** The article's pictures, as the page shows them, the first first. */
function inPage(document: Document, base: string, heading: Element | null): string[] {
  const inPlace = placeOf(heading, outside);
  const images = all(document, byName("img"), 300).filter((image) => inPlace(image) && !isSmall(image));
  const inArticle = images.filter((image) =>
    within(image, ({ name }) => name === "figure" || name === "article" || name === "main"),
  );
  return [...inArticle, ...images]
    .map((image) => absolute(sourceOf(image), base))
    .filter((address) => address !== null && !noPicture.test(address)) as string[];
}

function isSmall({ attribs }: Element): boolean {
  return [attribs.width, attribs.height].some((size) => size !== undefined && Number.parseInt(size, 10) < 120);
}

/** Where a picture is really kept: pages load late what is not in view. */
export function sourceOf({ attribs }: Element): string | null {
  const addresses = [
    fromSet(attribs["data-srcset"]),
    fromSet(attribs.srcset),
    attribs["data-src"],
    attribs["data-lazy-src"],
    attribs["data-original"],
    attribs.src,
  ];
  return addresses.find((address) => address?.trim() && !/^\s*(?:data|blob):/i.test(address)) ?? null;
}

/** The largest of a srcset. */
function fromSet(set: string | undefined): string | undefined {
  const candidates = (set ?? "")
    .slice(0, 8192)
    .split(/,\s+/)
    .map((one) => one.trim().split(/\s+/));
  candidates.sort((a, b) => Number.parseFloat(b[1] ?? "0") - Number.parseFloat(a[1] ?? "0"));
  return candidates[0]?.[0] || undefined;
}
