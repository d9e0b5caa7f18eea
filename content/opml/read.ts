import { Parser } from "htmlparser2";
import { FeedError } from "#core/errors";
import type { FeedRules } from "#core/model";
import { decode } from "../shared/charset.ts";
import { headline, oneLine } from "../shared/text.ts";
import { absolute, withoutFeedScheme } from "../shared/url.ts";
import { namespace, readRules } from "./own.ts";

/** A feed as a list of feeds names it. */
export interface OpmlFeed {
  address: string;
  title: string | null;
  /** The folders that it lies in, outermost first. */
  topics: string[];
  /** Which adapter reads it; only Crier's own lists say it. */
  kind?: string;
  rules?: FeedRules;
  /** What of it could not be read, in words. */
  problem?: string;
}

/** What a list of feeds holds. */
export interface Opml {
  title: string | null;
  /** Each once. */
  feeds: OpmlFeed[];
  /** Entries whose address is none that Crier reads. */
  unreadable: string[];
}

const mostBytes = 10 * 1024 * 1024;
const mostFeeds = 10_000;
const mostTopics = 10;
/** Folders deeper than this name no topic. */
const deepestTopic = 50;
/** A list whose entries are never closed is as deep as it is long. */
const deepest = 2 * mostFeeds;

/** Reads a list of feeds as OPML 1 and 2 have it, broken or not. @throws FeedError when it is none */
export function readOpml(bytes: Uint8Array): Opml {
  if (bytes.byteLength > mostBytes) {
    throw new FeedError("too-large", "The list of feeds is larger than 10 MiB: divide it into several.");
  }
  const opml: Opml = { title: null, feeds: [], unreadable: [] };
  const known = new Map<string, OpmlFeed>();
  /** Names of the folders that are open; null for a feed and for a folder without a name. */
  const open: (string | null)[] = [];
  let depth = 0;
  let isList = false;
  let isOwn = false;
  let title: string | null = null;

  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        if (++depth > deepest) throw tooMany();
        if (tag === "opml") {
          isList = true;
          isOwn = attributes["xmlns:crier"] === namespace;
        } else if (tag === "title" && open.length === 0) title = "";
        if (tag !== "outline") return;
        isList = true;
        const entry = readEntry(attributes, isOwn);
        open.push(entry.address === undefined ? entry.name : null);
        if (entry.address === undefined) return;
        const { feed } = entry;
        if (!feed) {
          opml.unreadable.push(entry.address.slice(0, 200));
          return;
        }
        const key = `${feed.kind ?? "feed"}:${feed.address}`;
        const first = known.get(key);
        const topics = open.slice(0, deepestTopic).filter((name) => name !== null);
        if (first) first.topics = [...new Set([...first.topics, ...topics])].slice(0, mostTopics);
        else {
          known.set(key, { ...feed, topics: [...new Set(topics)].slice(0, mostTopics) });
          if (known.size > mostFeeds) throw tooMany();
        }
      },
      ontext(text) {
        if (title !== null && title.length < 1000) title += text;
      },
      onclosetag(tag) {
        depth--;
        if (tag === "outline") open.pop();
        if (tag !== "title" || title === null) return;
        opml.title ??= nameIn(title, isOwn);
        title = null;
      },
    },
    { xmlMode: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.end(decode(bytes, null));
  if (!isList) {
    throw new FeedError(
      "not-a-feed",
      "That is no list of feeds: export one as OPML from the program that your feeds are in now.",
    );
  }
  opml.feeds = [...known.values()];
  return opml;
}

const tooMany = (): FeedError =>
  new FeedError(
    "too-large",
    `The list holds more than ${mostFeeds.toLocaleString("en")} feeds: divide it into several.`,
  );

type Entry =
  | { address?: undefined; name: string | null }
  /** Without a feed where its address is none. */
  | { address: string; feed: OpmlFeed | null };

/** One outline: a folder, or a feed. */
function readEntry(attributes: Record<string, string>, isOwn: boolean): Entry {
  const { text = "", title = "", type = "" } = attributes;
  const isLink = /^(?:rss|atom|rdf|feed)/i.test(type);
  const address = (attributes.xmlurl || (isLink ? attributes.url : "") || "").trim();
  if (!address && !isLink) return { name: nameIn(text || title, isOwn)?.slice(0, 80) ?? null };
  const kind = isOwn && /^[a-z]{1,20}$/.test(attributes["crier:kind"] ?? "") ? attributes["crier:kind"] : undefined;
  const readable = kind === "folder" ? address.slice(0, 4096) : webAddress(address);
  if (!readable) return { address: address || text, feed: null };
  const name = nameIn(isOwn ? title : title || text, isOwn);
  return {
    address,
    feed: {
      address: readable,
      title: name === address ? null : name,
      topics: [],
      ...(kind ? { kind } : {}),
      ...(isOwn ? readRules(attributes["crier:rules"]) : {}),
    },
  };
}

/** As it is written, where it is a whole address. */
function webAddress(written: string): string | null {
  const address = withoutFeedScheme(written);
  const whole = absolute(address, null);
  return whole && /^https?:\/\/[^\s\\]+$/i.test(address) ? address : whole;
}

/** Other programs' names may hold markup; Crier's own are as they are. */
const nameIn = (raw: string, isOwn: boolean): string | null =>
  (isOwn ? oneLine(raw) : headline(raw)).slice(0, 1000) || null;
