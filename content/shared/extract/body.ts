import { Readability } from "@mozilla/readability";
import { getOuterHTML } from "domutils";
import { parseHTML } from "linkedom";
import { blocksOf, findBody, isJunk, isNamed } from "./blocks.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import { all, type Document, parsePage, prune } from "./tree.ts";

/** Elements past which Readability, whose work grows faster than the page, is not asked. */
const mostElements = 6000;
/** The body as it is kept. */
const mostCharacters = 200_000;

/** What a reading of the whole page came to. */
export interface Body {
  text: string | null;
  title: string | null;
  byline: string | null;
  excerpt: string | null;
}

/** The article's text by paragraphs. Takes scripts and the like out of the document: they must be read before. */
export function readBody(document: Document, ld: JsonLd, captions: boolean): Body {
  prune(document, ({ name }) => noText.has(name));
  const container = findBody(document);
  const shown = container ? blocksOf(container, { captions, isJunk }) : [];
  const read = readable(document);
  const weighed = read ? blocksOf(parsePage(read.content), { captions }) : [];
  const blocks =
    read || container
      ? together(weighed, shown, container !== null && isNamed(container))
      : blocksOf(document, { captions, isJunk });
  const said = blocksOf(parsePage(ld.article ? (textsOf(ld.article.articleBody, ld)[0] ?? "") : ""), { captions });
  const whole = lengthOf(said) > 200 && lengthOf(blocks) < lengthOf(said) / 2 ? said : blocks;
  return {
    text: whole.join("\n\n").slice(0, mostCharacters) || null,
    title: read?.title || null,
    byline: read?.byline || null,
    excerpt: read?.excerpt || whole.find(isProse) || null,
  };
}

const noText = new Set(["script", "style", "template", "svg", "canvas", "iframe", "object", "embed", "link", "math"]);

const lengthOf = (blocks: string[]): number => blocks.reduce((sum, block) => sum + block.length, 0);

/**
 * One reading weighs the whole page, the other trusts in how the page calls its parts. Where they tell of the same
 * text, paragraphs that the first lost are put back; where they do not, the first went astray.
 */
function together(weighed: string[], named: string[], isSure: boolean): string[] {
  const squeezed = squeeze(weighed.join(""));
  const known = named.map((block) => squeezed.includes(squeeze(block)));
  const shared = lengthOf(named.filter((_, at) => known[at]));
  if (shared < lengthOf(named) * 0.4) return isSure || lengthOf(named) > lengthOf(weighed) ? named : weighed;
  const result = [...weighed];
  let at = 0;
  named.forEach((block, index) => {
    if (known[index]) {
      const place = result.findIndex((one, from) => from >= at && squeeze(one).includes(squeeze(block)));
      if (place >= 0) at = place + 1;
    } else if (isProse(block)) result.splice(at++, 0, block);
  });
  return result;
}

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
  if (all(document, () => true, mostElements).length >= mostElements) return null;
  try {
    const page = parseHTML(getOuterHTML(document));
    const found = new Readability(page.document, { disableJSONLD: true, maxElemsToParse: mostElements }).parse();
    return found?.content ? { ...found, content: found.content } : null;
  } catch {
    // Readability is made for a browser's own tree: what no browser would build can be too much for it.
    return null;
  }
}
