import { absolute } from "../url.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import type { Meta } from "./meta.ts";
import { all, byName, called, type Document, type Element, within } from "./tree.ts";

/** What stands in for a picture, or is none of the story's. */
const noPicture =
  /(?:^|[/_.-])(?:logo|placeholder|default|spacer|blank|pixel|avatar|gravatar|icon|favicon|sprite|noimage|no-image|transparent|1x1|emoji|badge)s?(?:[/_.-]|$)|\.svg(?:[?#]|$)|feedburner|doubleclick|scorecardresearch|facebook\.com\/tr/i;

/** The lead picture's address: as the page's head says it, else the first large one of the article. */
export function findPicture(document: Document, ld: JsonLd, meta: Meta, base: string): string | null {
  const said = [
    ...meta("og:image", "og:image:url", "og:image:secure_url"),
    ...(ld.article ? picturesOf(ld.article.image, ld) : []),
    ...meta("twitter:image", "twitter:image:src", "parsely:image:url", "sailthru:image:full", "image", "thumbnail"),
    ...(ld.article ? picturesOf(ld.article.thumbnailUrl, ld) : []),
    ...(ld.page ? picturesOf(ld.page.image ?? ld.page.primaryImageOfPage ?? ld.page.thumbnailUrl, ld) : []),
    ...all(document, ({ name, attribs }) => name === "link" && attribs.rel === "image_src", 1).map(({ attribs }) => attribs.href ?? ""),
  ]
    .map((address) => absolute(address, base))
    .filter((address) => address !== null);
  return (
    said.find((address) => !noPicture.test(address)) ?? inPage(document, base) ?? said.find((address) => !/\.svg(?:[?#]|$)/i.test(address)) ?? null
  );
}

const picturesOf = (value: unknown, ld: JsonLd): string[] => {
  const first = textsOf(value, ld, "url");
  return first.length > 0 ? first : textsOf(value, ld, "contentUrl");
};

const outside = /header|footer|sidebar|related|comment|avatar|author|logo|banner|advert|promo|teaser|share|social|nav/i;

function inPage(document: Document, base: string): string | null {
  const images = all(document, byName("img"), 200).filter(
    (image) => !within(image, (outer) => ["nav", "aside", "footer"].includes(outer.name) || (outer.name !== "body" && outside.test(called(outer)))),
  );
  const inArticle = images.filter((image) => within(image, ({ name }) => name === "figure" || name === "article" || name === "main"));
  for (const image of [...inArticle, ...images]) {
    const address = absolute(sourceOf(image), base);
    if (address && !noPicture.test(address) && !isSmall(image)) return address;
  }
  return null;
}

function isSmall({ attribs }: Element): boolean {
  return [attribs.width, attribs.height].some((size) => size !== undefined && Number.parseInt(size, 10) < 120);
}

/** Where a picture is really kept: pages load late what is not in view. */
export function sourceOf({ attribs }: Element): string | null {
  const addresses = [attribs["data-src"], attribs["data-lazy-src"], attribs["data-original"], attribs.src, fromSet(attribs.srcset), fromSet(attribs["data-srcset"])];
  return addresses.find((address) => address?.trim() && !/^\s*(?:data|blob):/i.test(address)) ?? null;
}

/** The largest of a srcset. */
function fromSet(set: string | undefined): string | undefined {
  const candidates = (set ?? "").slice(0, 8192).split(/,\s+/).map((one) => one.trim().split(/\s+/));
  candidates.sort((a, b) => Number.parseFloat(b[1] ?? "0") - Number.parseFloat(a[1] ?? "0"));
  return candidates[0]?.[0] || undefined;
}
