import { oneLine } from "../text.ts";
import { type AnyNode, all, called, type Element, hasChildren, isTag, isText, type ParentNode } from "./tree.ts";

const blockNames = new Set(
  "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul".split(
    " ",
  ),
);
const silent = new Set(
  "script style template noscript iframe object embed svg math head title textarea select button".split(" "),
);

export interface BlockOptions {
  /** Keep what stands under pictures. */
  captions: boolean;
  /** Elements that are no part of the article. */
  isJunk?: (element: Element) => boolean;
}

/** What a tree says, one text a block. */
export function blocksOf(root: ParentNode, { captions, isJunk = () => false }: BlockOptions): string[] {
  const blocks: string[] = [];
  let line: string[] = [];
  let breaks = 0;
  const end = (): void => {
    const text = oneLine(line.join(""));
    if (text) blocks.push(text);
    line = [];
    breaks = 0;
  };
  const walk = (node: AnyNode): void => {
    if (isText(node)) {
      if (node.data.trim()) breaks = 0;
      line.push(node.data);
    } else if (isTag(node) && node.name === "br") {
      line.push(" ");
      // Two in a row are an old page's way to end a paragraph.
      if (++breaks > 1) end();
    } else if (hasChildren(node)) {
      const isBlock = isTag(node) && blockNames.has(node.name);
      if (isTag(node) && (silent.has(node.name) || (node.name === "figcaption" && !captions) || isJunk(node))) return;
      if (isBlock) end();
      for (const child of node.children) walk(child);
      if (isBlock) end();
    }
  };
  for (const child of root.children) walk(child);
  end();
  return blocks;
}

/** How pages call what stands beside or inside of an article and is none of it. */
const junkClass =
  /(?:^|[\s_-])(?:share|sharing|social|related|recommend\w*|newsletter|promo\w*|advert\w*|ads?|comments?|disqus|tags|tag-?(?:list|cloud)|breadcrumbs?|author-?bio|byline|cookie\w*|paywall|subscribe|subscription|signup|sidebar|outbrain|taboola|toolbar|pagination|more-?on|read-?more|popup|modal|screen-reader-text|sr-only)(?:$|[\s_-])/i;

/** Boxes in and around an article that say nothing of it. */
export const isJunk = (element: Element): boolean =>
  /^(?:nav|aside|footer|form|button|dialog|menu)$/.test(element.name) ||
  junkClass.test(called(element)) ||
  element.attribs["aria-hidden"] === "true" ||
  "hidden" in element.attribs ||
  /display:\s*none/i.test(element.attribs.style ?? "");

/** How pages call the element that holds an article's text. */
const bodyClass =
  /(?:^|[\s_-])(?:article|entry|post|story|news|content|page|single|field)[\s_-]{0,2}(?:body|text|content|copy|maintext|main-text)(?:$|[\s_-])|(?:^|[\s_-])(?:bodytext|body-?copy|articlebody|storytext|e-content|rich-?text|prose|paywalled-content)(?:$|[\s_-])|article_?_?body|story_?_?body/i;

/** The page itself calls it its article's text. */
export const isNamed = (element: Element): boolean =>
  !/^(?:body|html|main)$/.test(element.name) &&
  (/\barticlebody\b/i.test(element.attribs.itemprop ?? "") || bodyClass.test(called(element)));

/**
 * What is called the article's text and holds most of it, else what holds most paragraphs: several elements where it
 * stands in pieces; none where nothing says enough.
 */
export function findBody(document: ParentNode): Element[] {
  const paragraphs = all(document, ({ name }) => name === "p", 5000)
    .map((paragraph) => ({ length: oneLine(textOf(paragraph)).length, inside: around(paragraph) }))
    .filter(({ length }) => length >= 25);
  const total = paragraphs.reduce((sum, { length }) => sum + length, 0);
  const held = new Map<Element, number>();
  for (const { length, inside } of paragraphs)
    for (const element of inside) held.set(element, (held.get(element) ?? 0) + length);
  // A name that speaks of junk is wrong for what holds most of the page.
  const isAside = (element: Element): boolean => isJunk(element) && (held.get(element) ?? 0) < total * 0.6;
  const weights = new Map<Element, { own: number; whole: number }>();
  for (const { length, inside } of paragraphs) {
    if (inside.some(isAside)) continue;
    inside.forEach((element, index) => {
      const weight = weights.get(element) ?? { own: 0, whole: 0 };
      weights.set(element, { own: weight.own + (index === 0 ? length : 0), whole: weight.whole + length });
    });
  }
  let best: Element | null = null;
  let most = 0;
  for (const [element, { own, whole }] of weights) {
    // A name outweighs, but a whole page's wrapper may bear one too: what is nearest to the text counts.
    const score = isNamed(element) ? whole + own : own;
    // Of several articles on one page the first is the one that was asked for.
    const isNext = best !== null && best.name === element.name && called(best) === called(element) && most >= 200;
    if (score > most && !isNext) [best, most] = [element, score];
  }
  return best && most >= 200 ? piecesOf(document, best) : [];
}

/** Adverts cut a text into several elements of the same name, within one article. */
function piecesOf(document: ParentNode, best: Element): Element[] {
  const articleOf = (element: Element): Element | undefined => around(element).find(({ name }) => name === "article");
  const own = articleOf(best);
  const alike = all(document, (element) => element.name === best.name && called(element) === called(best), 40).filter(
    (element) =>
      articleOf(element) === own && !around(element).some((outer) => isJunk(outer) && !around(best).includes(outer)),
  );
  // One in the other is no piece of it; without a name of its own nothing tells that they belong together.
  const pieces = alike.filter((element) => !around(element).some((outer) => alike.includes(outer)));
  return isNamed(best) && pieces.includes(best) ? pieces : [best];
}

function around(element: Element): Element[] {
  const found: Element[] = [];
  for (let at = element.parent; at && isTag(at); at = at.parent) found.push(at);
  return found;
}

function textOf(node: AnyNode): string {
  if (isText(node)) return node.data;
  return hasChildren(node) ? node.children.map(textOf).join("") : "";
}
