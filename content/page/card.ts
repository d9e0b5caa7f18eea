import { kickerIn } from "../shared/extract/headlines.ts";
import { sourceOf } from "../shared/extract/pictures.ts";
import { readDate } from "../shared/extract/times.ts";
import { all, byName, called, type Element, first, isTag, lineOf } from "../shared/extract/tree.ts";
import { standfirst } from "../shared/lead.ts";
import { headline } from "../shared/text.ts";
import { absolute } from "../shared/url.ts";
import type { ArticleLink } from "./links.ts";

/** What a listing says of an article beside its headline. */
export interface Card {
  link: ArticleLink;
  kicker: string | null;
  summary: string | null;
  image: string | null;
  publishedAt: Date | null;
}

/** How far around a link its own card may reach. */
const mostLevels = 6;

/** For each link what stands in the part of the page that is its alone. */
export function readCards(links: ArticleLink[], base: string): Card[] {
  const owners = new Map<Element, ArticleLink | "several">();
  for (const link of links) {
    for (const outer of around(link.element))
      owners.set(outer, owners.has(outer) && owners.get(outer) !== link ? "several" : link);
  }
  return links.map((link) => {
    let card = link.element;
    for (const outer of around(link.element)) {
      if (owners.get(outer) !== link || /^(?:body|html|main)$/.test(outer.name)) break;
      card = outer;
    }
    return { link, ...readCard(card, link.title, base) };
  });
}

function around(element: Element): Element[] {
  const found: Element[] = [];
  for (let at = element.parent; at && isTag(at) && found.length < mostLevels; at = at.parent) found.push(at);
  return found;
}

function readCard(card: Element, title: string, base: string): Omit<Card, "link"> {
  const paragraphs = all(
    card,
    (element) =>
      element.name === "p" ||
      /(?:^|[\s_-])(?:summary|excerpt|teaser|description|standfirst|lead|dek|intro)(?:$|[\s_-])/i.test(called(element)),
    6,
  )
    .map((element) => headline(lineOf(element, 2000)))
    .filter((text) => text.length >= 30 && text !== title && !text.includes(title));
  const times = all(
    card,
    ({ name, attribs }) =>
      name === "time" || /(?:^|[\s_-])(?:date|datetime|time|published)(?:$|[\s_-])/i.test(attribs.class ?? ""),
    4,
  );
  const picture = all(card, byName("img"), 3)
    .map(sourceOf)
    .find((address) => address && !/\.svg(?:[?#]|$)|avatar|icon|logo/i.test(address));
  return {
    kicker: kickerIn(card, title),
    summary: standfirst(paragraphs.slice(0, 1), title),
    image: absolute(picture, base),
    publishedAt:
      times
        .flatMap((element) => [element.attribs.datetime ?? "", lineOf(element, 200)])
        .map(readDate)
        .find((date) => date !== null) ?? null,
  };
}
