import {
  type AnyNode,
  type Document,
  DomHandler,
  type Element,
  hasChildren,
  isTag,
  isText,
  type ParentNode,
} from "domhandler";
import { Parser } from "htmlparser2";
import { oneLine } from "../text.ts";

export { type AnyNode, type Document, type Element, hasChildren, isTag, isText, type ParentNode } from "domhandler";

/** Characters of a page that are read: the longest articles of newspapers are a tenth of it. */
const mostCharacters = 3 * 1024 * 1024;
/** Elements and texts of a page that are read. */
const mostNodes = 150_000;
/** What lies deeper is hung up here, so that no walk over the tree can run out of stack. */
const deepest = 200;
/** Elements open at once; the parser searches them all at each end tag, so past this the page is an attack and is cut. */
const mostOpen = 2000;

/** Attributes of one element; an element of a page's framework bears some dozens. */
const mostAttributes = 100;

/** Keeps a tree within bounds, whatever the page is. */
class BoundedHandler extends DomHandler {
  #nodes = 0;
  #open = 0;
  #buried = 0;
  #pause: () => void = () => {};

  stopWith(pause: () => void): void {
    this.#pause = pause;
  }

  override onopentag(name: string, attributes: Record<string, string>): void {
    this.#open++;
    if (this.#open > mostOpen) this.#pause();
    super.onopentag(name, fewOf(attributes));
    if (this.tagStack.length <= deepest) return;
    // Its children become its siblings.
    this.tagStack.pop();
    this.#buried++;
  }

  override onclosetag(): void {
    this.#open--;
    if (this.#buried > 0) this.#buried--;
    else super.onclosetag();
  }

  protected override addNode(node: Parameters<DomHandler["addNode"]>[0]): void {
    if (++this.#nodes > mostNodes) this.#pause();
    else super.addNode(node);
  }
}

function fewOf(attributes: Record<string, string>): Record<string, string> {
  const names = Object.keys(attributes);
  if (names.length <= mostAttributes) return attributes;
  return Object.fromEntries(names.slice(0, mostAttributes).map((name) => [name, attributes[name] ?? ""]));
}

/** A page's elements. Never throws; what is past its bounds is left out. */
export function parsePage(html: string): Document {
  const handler = new BoundedHandler();
  const parser = new Parser(handler);
  let cut = false;
  handler.stopWith(() => {
    cut = true;
    parser.pause();
  });
  parser.write(html.slice(0, mostCharacters));
  if (!cut) parser.end();
  return handler.root;
}

/** The elements under a node for which `test` holds, in the order of the page. */
export function all(
  root: ParentNode,
  test: (element: Element) => boolean,
  limit = Number.POSITIVE_INFINITY,
): Element[] {
  const found: Element[] = [];
  const walk = (parent: ParentNode): boolean => {
    for (const child of parent.children) {
      if (!isTag(child)) continue;
      if (test(child) && found.push(child) >= limit) return true;
      if (walk(child)) return true;
    }
    return false;
  };
  walk(root);
  return found;
}

/** Takes elements out of a tree, in one walk. What is left forgets its neighbours there. */
export function prune(root: ParentNode, test: (element: Element) => boolean): void {
  root.children = root.children.filter((child) => !(isTag(child) && test(child))) as typeof root.children;
  for (const child of root.children) if (hasChildren(child)) prune(child, test);
}

/** The first element under a node for which `test` holds. */
export const first = (root: ParentNode, test: (element: Element) => boolean): Element | null =>
  all(root, test, 1)[0] ?? null;

/** A test for elements of these names. */
export const byName =
  (...names: string[]) =>
  (element: Element): boolean =>
    names.includes(element.name);

/** True for an element and all that it lies in, up to the root, when `test` holds for one of them. */
export function within(node: AnyNode | null, test: (element: Element) => boolean): boolean {
  for (let at: AnyNode | null = node; at; at = at.parent) if (isTag(at) && test(at)) return true;
  return false;
}

const unseen = new Set(["html", "head", "body", "script", "style", "title", "meta", "link"]);

/** The elements next to a headline, in the order of the page; none without a headline. */
export function beside(document: Document, heading: Element | null): { before: Element[]; after: Element[] } {
  const elements = heading ? all(document, ({ name }) => !unseen.has(name), 20_000) : [];
  const at = heading ? elements.indexOf(heading) : -1;
  return at < 0
    ? { before: [], after: [] }
    : { before: elements.slice(Math.max(0, at - 30), at), after: elements.slice(at + 1, at + 61) };
}

/** Class and id together: what a page's authors call an element; of endless ones the beginning. */
export const called = ({ attribs }: Element): string =>
  `${(attribs.class ?? "").slice(0, 300)} ${(attribs.id ?? "").slice(0, 100)}`;

const unspoken = new Set(["script", "style", "template", "noscript", "svg", "iframe", "object", "textarea", "select"]);
const spaced = new Set(["br", "p", "div", "li", "td", "th", "h1", "h2", "h3", "h4", "section", "header"]);

/** One line of what an element says; of a whole page only so much that no call is slow. */
export function lineOf(node: AnyNode, most = 20_000): string {
  const parts: string[] = [];
  let length = 0;
  const walk = (at: AnyNode): void => {
    if (length > most) return;
    if (isText(at)) {
      length += at.data.length;
      parts.push(at.data);
    } else if (hasChildren(at) && !(isTag(at) && unspoken.has(at.name))) {
      const isSpaced = isTag(at) && spaced.has(at.name);
      if (isSpaced) parts.push(" ");
      for (const child of at.children) walk(child);
      if (isSpaced) parts.push(" ");
    }
  };
  walk(node);
  return oneLine(parts.join(""));
}

/** Tells whether an element belongs to the article: it lies in no box that is called otherwise, unless the headline lies there too. */
export function placeOf(heading: Element | null, other: RegExp): (element: Element) => boolean {
  const around = new Set<AnyNode>();
  for (let at: AnyNode | null = heading; at; at = at.parent) around.add(at);
  return (element) =>
    !within(
      element,
      (outer) =>
        !around.has(outer) &&
        outer.name !== "body" &&
        outer.name !== "html" &&
        (/^(?:footer|aside|nav)$/.test(outer.name) || other.test(called(outer))),
    );
}
