import { Readability } from "@mozilla/readability";
import { type Element as DomElement, isTag, isText } from "domhandler";
import { getOuterHTML, removeElement } from "domutils";
import { parseHTML } from "linkedom";
import { type JsonLd, textsOf } from "./json-ld.ts";
import { all, type AnyNode, type Document, first, flat, parsePage } from "./tree.ts";

/** Elements past which Readability, whose work grows faster than the page, is not asked. */
const mostElements = 20_000;
/** The body as it is kept. */
const mostCharacters = 200_000;

/** What a reading of the whole page came to. */
export interface Body {
  text: string | null;
  title: string | null;
  byline: string | null;
  excerpt: string | null;
}

const junk = new Set(["script", "style", "template", "svg", "canvas", "iframe", "object", "embed", "link", "math"]);

/** The article's text by paragraphs. Takes the document apart: everything else must be read before. */
export function readBody(document: Document, ld: JsonLd, captions: boolean): Body {
  const read = readable(document);
  const said = ld.article ? (textsOf(ld.article.articleBody, ld)[0] ?? "") : "";
  const blocks = read ? blocksOf(parsePage(read.content), captions) : [];
  let text = blocks.join("\n\n");
  if (said.length > 200 && text.length < said.length * 0.5) text = blocksOf(parsePage(said), captions).join("\n\n");
  return { text: text.slice(0, mostCharacters) || null, title: read?.title || null, byline: read?.byline || null, excerpt: read?.excerpt || null };
}

type Reading = { content: string; title?: string | null | undefined; byline?: string | null | undefined; excerpt?: string | null | undefined };

function readable(document: Document): Reading | null {
  for (const element of all(document, ({ name }) => junk.has(name))) removeElement(element);
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

const blockNames = new Set(
  "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul".split(" "),
);
const silent = new Set("script style template noscript iframe object embed svg math head title textarea select button".split(" "));

/** What a tree says, one text a block. */
function blocksOf(root: Document, captions: boolean): string[] {
  const blocks: string[] = [];
  let line: string[] = [];
  let breaks = 0;
  const end = (): void => {
    const text = flat(line.join(""));
    if (text) blocks.push(text);
    line = [];
  };
  const walk = (node: AnyNode): void => {
    if (isText(node)) {
      if (node.data.trim()) breaks = 0;
      line.push(node.data);
    } else if (isTag(node) && node.name === "br") {
      line.push(" ");
      if (++breaks > 1) end();
    } else if (isTag(node)) {
      if (silent.has(node.name) || (node.name === "figcaption" && !captions)) return;
      const isBlock = blockNames.has(node.name);
      if (isBlock) end();
      for (const child of node.children) walk(child);
      if (isBlock) end();
    }
  };
  for (const child of root.children) walk(child);
  end();
  return blocks;
}
