import { FeedError } from "#core/errors";
import { challengeIn, signInIn } from "../shared/challenge.ts";
import { decode } from "../shared/charset.ts";
import type { Document } from "./item.ts";
import { readAtom } from "./read-atom.ts";
import { readJson } from "./read-json.ts";
import { readRss } from "./read-rss.ts";
import { readXml, type Xml } from "./xml.ts";

/** Where a document came from: its address, empty when it has none, and what HTTP calls it. */
export interface From {
  url: string;
  contentType: string | null;
}

/** Bytes to a document, whatever its format and however it is broken. @throws FeedError "not-a-feed", nothing else */
export function openDocument(bytes: Uint8Array, from: From): Document {
  const text = decode(bytes, from.contentType);
  const where = from.url || "The document";
  if (text.trim() === "")
    throw new FeedError("not-a-feed", `${where} answered with nothing: is it the feed's address?`);
  if (/^\s*[{[]/.test(text)) {
    const document = readJson(text);
    if (document) return document;
    throw new FeedError("not-a-feed", `${where} is JSON, but no JSON Feed: check the address.`);
  }
  const xml = readXml(text);
  const document = fromXml(xml);
  if (document) return document;
  throw notAFeed(text, where, isPage(xml.first));
}

const isPage = (name: string | null): boolean => /^(?:xhtml:)?(?:html|head|body)$/.test(name ?? "");

function fromXml({ root, first }: Xml): Document | null {
  if (!root) return null;
  if (root.name === "atom:feed" || root.name === "atom:entry") return isPage(first) ? null : readAtom(root);
  // A page may have an element of that name by chance.
  return root.name === "channel" && isPage(first) ? null : readRss(root);
}

function notAFeed(text: string, where: string, isWebPage: boolean): FeedError {
  const obstacle = challengeIn(text) ?? signInIn(text);
  if (obstacle) return new FeedError("not-a-feed", `${where} ${obstacle}.`);
  const what = isWebPage
    ? "a web page, not a feed: look for its feed's own address"
    : "neither RSS, Atom, RDF nor JSON Feed: check the address";
  return new FeedError("not-a-feed", `${where} is ${what}.`);
}
