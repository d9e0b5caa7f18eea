import { Tokenizer } from "htmlparser2";
import { asRoot, declaresNames, innerScope, nameIn, type Scope } from "./names.ts";
import { decodeEntities, withEntities, withoutStrayBrackets } from "./repair.ts";

/** An element of a feed's document. */
export interface Element {
  /** Lower case, under the prefix by which Crier knows its namespace: "title", "dc:date", "atom:link". */
  name: string;
  /** By lower-case name, as they are written: "href", "rdf:about". */
  attributes: Record<string, string>;
  children: Element[];
  /** What stands between its tags, as it is written. */
  inner: string;
  /** The nearest xml:base, resolved against those around it; relative when no whole one is around. */
  base: string | undefined;
  /** The nearest xml:lang. */
  language: string | undefined;
  /** False where the document broke off inside it. */
  isWhole: boolean;
}

/** What a reading of a document as XML came to. */
export interface Xml {
  /** The feed's outermost element, whatever stands before it; null when there is none. */
  root: Element | null;
  /** The name of the first element at all. */
  first: string | null;
}

/** Elements that hold the parts of a feed; what is in others is theirs alone. */
const containers = new Set(["rss", "rdf:rdf", "channel", "items", "item", "atom:feed", "atom:entry"]);
const roots = new Set(["rss", "rdf", "feed", "channel", "entry"]);
/** Nothing of a feed stands deeper; what does is part of the text around it. */
const deepest = 256;
const noAttributes: Record<string, string> = {};

/** Reads XML as forgivingly as can be, in time linear to its length. */
export function readXml(text: string): Xml {
  const source = withEntities(text);
  const read = build(source);
  return read.isMangled ? build(withoutStrayBrackets(source)) : read;
}

interface Open extends Element {
  /** Where its tag begins, and where what it holds does. */
  tag: number;
  start: number;
  /** As it is written, to find its end by. */
  written: string;
  /** The namespaces around it, where it names new ones itself. */
  outer: Scope | undefined;
}

function build(source: string): Xml & { isMangled: boolean } {
  let root: Element | null = null;
  let first: string | null = null;
  let isMangled = false;
  let isOver = false;
  let scope: Scope = { prefixes: new Map(), names: new Map() };
  const stack: Open[] = [];
  /** How many elements of a name are open: an end that ends nothing is passed over at once. */
  const open = new Map<string, number>();

  let tag = 0;
  let written = "";
  let attributes: Record<string, string> | null = null;
  let attribute = "";
  let value = "";

  function begin(start: number, isEmpty: boolean): void {
    const outer = attributes && declaresNames(attributes) ? scope : undefined;
    if (outer && attributes) scope = innerScope(outer, attributes, stack.length === 0);
    let name = nameIn(scope, written);
    first ??= name;
    if (stack.length === 0) {
      const local = name.slice(name.indexOf(":") + 1);
      if (root || isOver || !roots.has(local)) {
        scope = outer ?? scope;
        return;
      }
      name = asRoot(scope, written, local);
    }
    if (isItem(name) && open.get(name)) endUpTo(name, tag);
    const parent = stack.at(-1);
    const element: Open = {
      name,
      attributes: attributes ?? noAttributes,
      children: [],
      inner: "",
      base: attributes?.["xml:base"] === undefined ? parent?.base : within(parent?.base, attributes["xml:base"]),
      language: attributes?.["xml:lang"] ?? parent?.language,
      isWhole: true,
      tag,
      start,
      written,
      outer,
    };
    if (!parent) root = element;
    else parent.children.push(element);
    if (isEmpty) {
      scope = outer ?? scope;
      if (!parent) isOver = true;
      return;
    }
    stack.push(element);
    open.set(name, (open.get(name) ?? 0) + 1);
  }

  /** Ends the innermost element. */
  function end(at: number, isOwn: boolean): void {
    const element = stack.pop();
    if (!element) return;
    open.set(element.name, (open.get(element.name) ?? 1) - 1);
    element.inner = source.slice(element.start, at);
    scope = element.outer ?? scope;
    const parent = stack.at(-1);
    if (!parent) isOver = true;
    else if (!isOwn && containers.has(parent.name) && !containers.has(element.name)) giveUpFollowers(element, parent);
  }

  /** An element without an end of its own took in what follows it: that is its parent's. */
  function giveUpFollowers(element: Open, parent: Open): void {
    const at = element.children.findIndex(({ name }) => isPart(name));
    const follower = element.children[at] as Open | undefined;
    if (!follower) return;
    element.inner = source.slice(element.start, follower.tag);
    for (const part of element.children.splice(at)) parent.children.push(part);
  }

  function endUpTo(name: string, at: number): void {
    while (stack.length > 0) {
      const isOwn = stack.at(-1)?.name === name;
      end(at, isOwn);
      if (isOwn) return;
    }
  }

  const tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: false },
    {
      onopentagname(from, to) {
        tag = from - 1;
        written = source.slice(from, to);
        attributes = null;
        if (!isNameStart(source.charCodeAt(from)) || written.includes("<")) isMangled = true;
      },
      onattribname(from, to) {
        attribute = source.slice(from, to).toLowerCase();
        if (attribute.includes("<")) isMangled = true;
        value = "";
      },
      onattribdata(from, to) {
        value += source.slice(from, to);
      },
      onattribend() {
        attributes ??= {};
        attributes[attribute] ??= decodeEntities(value);
      },
      onopentagend(at) {
        if (stack.length < deepest) begin(at + 1, false);
      },
      onselfclosingtag(at) {
        if (stack.length < deepest) begin(at + 1, true);
      },
      onclosetag(from, to) {
        if (stack.length === 0) return;
        const name = source.slice(from, to);
        const resolved = stack.at(-1)?.written === name ? (stack.at(-1)?.name ?? "") : nameIn(scope, name);
        if (open.get(resolved)) endUpTo(resolved, source.lastIndexOf("<", from));
        else if (name.includes("<")) isMangled = true;
      },
      onattribentity() {},
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onend() {},
      onprocessinginstruction() {},
      ontext() {},
      ontextentity() {},
    },
  );
  tokenizer.write(source);
  tokenizer.end();
  breakOff();
  return { root, first, isMangled };

  /** The document ends here, whether it was finished or not: of what is open, only what is whole in itself stands. */
  function breakOff(): void {
    while (stack.length > 0) {
      const element = stack.at(-1);
      const isBare = element?.children.length === 0 && !containers.has(element.name);
      if (element) element.isWhole = false;
      end(source.length, false);
      if (isBare) stack.at(-1)?.children.pop();
    }
  }
}

/** What stands directly in a feed or an item, and hardly within a text. */
const isPart = (name: string): boolean =>
  containers.has(name) || parts.has(name) || /^(?!atom:|x?html:|svg:).+:/.test(name);
const parts = new Set(
  ["title", "link", "id", "guid", "pubdate", "description", "content", "author", "category", "enclosure", "comments"]
    .concat(["source", "image", "published", "updated", "issued", "modified", "summary", "rights", "language"])
    .flatMap((name) => [name, `atom:${name}`]),
);

const isItem = (name: string): boolean => name === "item" || name === "atom:entry";

const isNameStart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 58 || code >= 128;

function within(outer: string | undefined, base: string): string {
  return (outer === undefined ? undefined : URL.parse(base, outer)?.href) ?? base;
}
