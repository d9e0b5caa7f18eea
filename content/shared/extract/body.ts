import { Readability } from "@mozilla/readability";
import { getOuterHTML } from "domutils";
import { parseHTML } from "linkedom";
import { blocksOf, findBody, isJunk, isNamed } from "./blocks.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import { all, type Document, type Element, isTag, type ParentNode, parsePage, prune, within } from "./tree.ts";

/**
 * Past these Readability, whose work grows faster than the page, is not asked: elements, and all their depths together.
 * The largest newspapers' pages that we met have 5,400 and 69,000; lists in lists in lists cost a second at 168,000.
 */
const mostElements = 6000;
const mostDepths = 100_000;
/** The body as it is kept. */
const mostCharacters = 200_000;

/** What a reading of the whole page came to. */
export interface Body {
  /** Its paragraphs, headings and entries of lists. */
  blocks: string[];
  title: string | null;
  byline: string | null;
  excerpt: string | null;
}

/** The article's text by paragraphs. Takes scripts and the like out of the document: they must be read before. */
export function readBody(document: Document, ld: JsonLd, verbatim: boolean): Body {
  prune(document, ({ name }) => noText.has(name));
  const options = { captions: verbatim, isJunk };
  const containers = findBody(document);
  const shown = containers.flatMap((container) => blocksOf(container, options));
  const read = readable(document);
  const everything = read ? blocksOf(parsePage(read.content), { captions: verbatim }) : [];
  const weighed = verbatim ? everything : withoutJunk(everything, document, containers);
  const blocks =
    read || containers.length > 0 ? together(weighed, shown, containers.some(isNamed)) : blocksOf(document, options);
  const said = blocksOf(parsePage(ld.article ? (textsOf(ld.article.articleBody, ld)[0] ?? "") : ""), options);
  const whole = lengthOf(said) > 200 && lengthOf(blocks) < lengthOf(said) / 2 ? said : blocks;
  return {
    blocks: whole,
    title: read?.title || null,
    byline: read?.byline || null,
    excerpt: read?.excerpt || whole.find(isProse) || null,
  };
}

/** Readability keeps some of what stands between the paragraphs, and forgets what it is called. */
function withoutJunk(blocks: string[], document: Document, containers: Element[]): string[] {
  if (containers.length === 0) return blocks;
  const boxes = all(
    document,
    (element) => isJunk(element) && !containers.some((container) => within(container, (outer) => outer === element)),
    500,
  );
  const junk = new Set(boxes.flatMap((box) => blocksOf(box, { captions: true })));
  const clean = blocks.filter((block) => !junk.has(block));
  // Where that is most of the text, its name is wrong.
  return lengthOf(clean) > lengthOf(blocks) / 2 ? clean : blocks;
}

/** The text without what stands over it anyway. A standfirst counts as such only under the headline: else it is the first paragraph. */
export function textOf(
  blocks: string[],
  above: { kicker: string | null; title: string | null; summary: string | null },
): string | null {
  const [kicker, title, summary] = [above.kicker, above.title, above.summary].map((line) => letters(line ?? ""));
  const head = blocks.slice(0, 6).map(letters);
  let start = head.findLastIndex((block) => block !== "" && (block === title || block === kicker)) + 1;
  if (start > 0 && head.slice(start).includes(summary ?? "")) start = head.indexOf(summary ?? "", start) + 1;
  const isWhole = blocks.slice(0, start).some((block) => block.length > 400);
  return (
    blocks
      .slice(isWhole ? 0 : start)
      .join("\n\n")
      .slice(0, mostCharacters)
      .trim() || null
  );
}

/** The text and what stands over it, as the page has it. */
export function wholeTextOf(blocks: string[], standfirsts: string[]): string | null {
  const said = letters(blocks.join(""));
  const [lead] = standfirsts.filter((line) => !said.includes(letters(line)));
  return [...(lead ? [lead] : []), ...blocks].join("\n\n").slice(0, mostCharacters).trim() || null;
}

const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

const noText = new Set(["script", "style", "template", "svg", "canvas", "iframe", "object", "embed", "link", "math"]);

const lengthOf = (blocks: string[]): number => blocks.reduce((sum, block) => sum + block.length, 0);

/**
 * One reading weighs the whole page, the other trusts in how the page calls its parts. Where they tell of the same
 * text, paragraphs that the first lost are put back; where they do not, the first went astray.
 */
function together(weighed: string[], named: string[], isSure: boolean): string[] {
  const places = weighed.map(squeeze);
  const squeezed = places.join("");
  const known = named.map((block) => squeezed.includes(squeeze(block)));
  const shared = lengthOf(named.filter((_, at) => known[at]));
  if (shared < lengthOf(named) * 0.4) return isSure || lengthOf(named) > lengthOf(weighed) ? named : weighed;
  const result: string[] = [];
  let at = 0;
  named.forEach((block, index) => {
    if (known[index]) {
      const place = placeOf(places, squeeze(block), at);
      if (place < 0) return;
      result.push(...weighed.slice(at, place + 1));
      at = place + 1;
    } else if (isProse(block)) result.push(block);
  });
  return [...result, ...weighed.slice(at)];
}

function placeOf(places: string[], block: string, from: number): number {
  const found = places.slice(from, from + farthest).findIndex((place) => place.includes(block));
  return found < 0 ? -1 : from + found;
}

/** How far ahead the same paragraph is looked for. */
const farthest = 100;

const squeeze = (text: string): string => text.replace(/\s+/g, "");

/** A sentence, not a button's or a list's word. */
const isProse = (block: string): boolean => block.length >= 80 || (block.length >= 40 && /[.!?…»”"'׃。]$/u.test(block));

type Reading = {
  content: string;
  title?: string | null | undefined;
  byline?: string | null | undefined;
  excerpt?: string | null | undefined;
};

function readable(document: Document): Reading | null {
  if (isTooMuch(document)) return null;
  try {
    const page = parseHTML(getOuterHTML(document));
    const found = new Readability(page.document, {
      disableJSONLD: true,
      keepClasses: true,
      maxElemsToParse: mostElements,
    }).parse();
    return found?.content ? { ...found, content: found.content } : null;
  } catch {
    // Readability is made for a browser's own tree: what no browser would build can be too much for it.
    return null;
  }
}

function isTooMuch(document: Document): boolean {
  let elements = 0;
  let depths = 0;
  const waiting: [node: ParentNode, depth: number][] = [[document, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, depth] = next;
    for (const inner of node.children) {
      if (!isTag(inner)) continue;
      elements += 1;
      depths += depth + 1;
      if (elements > mostElements || depths > mostDepths) return true;
      waiting.push([inner, depth + 1]);
    }
  }
  return false;
}
