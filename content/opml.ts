import { escapeUTF8 } from "entities";
import { Parser } from "htmlparser2";
import { z } from "zod";
import { FeedError } from "#core/errors";
import type { FeedRules } from "#core/model";
import { decode } from "./shared/charset.ts";
import { headline } from "./shared/text.ts";
import { absolute, withoutFeedScheme } from "./shared/url.ts";

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

export interface Opml {
  title: string | null;
  /** Each once. */
  feeds: OpmlFeed[];
  /** Entries whose address is none that Crier reads. */
  unreadable: string[];
}

/** Crier's own words in a list: other programs leave them alone. */
const namespace = "urn:crier:opml";
const mostBytes = 10 * 1024 * 1024;
const mostFeeds = 10_000;
const mostTopics = 10;
/** Folders deeper than this name no topic. */
const deepestTopic = 50;
/** A list whose entries are never closed is as deep as it is long. */
const deepest = 2 * mostFeeds;

const conditionSchema = z.strictObject({
  words: z.array(z.string().max(200)).max(500).exactOptional(),
  topics: z.array(z.string().max(200)).max(500).exactOptional(),
  authors: z.array(z.string().max(200)).max(500).exactOptional(),
  languages: z.array(z.string().max(40)).max(100).exactOptional(),
  pattern: z.string().max(1000).exactOptional(),
});
const rulesSchema: z.ZodType<FeedRules> = z.strictObject({
  include: z.array(conditionSchema).max(500).exactOptional(),
  exclude: z.array(conditionSchema).max(500).exactOptional(),
  topics: z
    .array(z.strictObject({ topic: z.string().max(200), when: conditionSchema }))
    .max(500)
    .exactOptional(),
  breaking: z.union([z.literal("never"), z.array(conditionSchema).max(500)]).exactOptional(),
  selector: z.string().max(1000).exactOptional(),
  pages: z.boolean().exactOptional(),
  intervalMs: z.int().min(1_000).max(86_400_000).exactOptional(),
});

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

function readRules(json: string | undefined): { rules?: FeedRules; problem?: string } {
  if (!json) return {};
  try {
    return { rules: rulesSchema.parse(JSON.parse(json)) };
  } catch {
    return { problem: "Its rules were changed by hand and cannot be read." };
  }
}

/** Other programs' names may hold markup; Crier's own are as they are. */
const nameIn = (raw: string, isOwn: boolean): string | null =>
  (isOwn ? oneLine(raw) : headline(raw)).slice(0, 1000) || null;

const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff\u202d\u202e]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();

/** Writes a list of feeds that every reader takes in; kinds and rules stand beside what others understand. */
export function writeOpml({ title, feeds, now }: { title: string; feeds: readonly OpmlFeed[]; now: Date }): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<opml version="2.0" xmlns:crier="${namespace}">`,
    `  <head><title>${escapeUTF8(oneLine(title))}</title><dateCreated>${now.toUTCString()}</dateCreated></head>`,
    "  <body>",
  ];
  const folders = Map.groupBy(feeds, ({ topics }) => JSON.stringify(topics.map(oneLine).filter(Boolean)));
  for (const [json, held] of folders) {
    const topics: string[] = JSON.parse(json);
    const indent = (depth: number): string => "  ".repeat(2 + depth);
    topics.forEach((topic, depth) => lines.push(`${indent(depth)}<outline${attributesOf({ text: topic })}>`));
    for (const feed of held) lines.push(`${indent(topics.length)}<outline${attributesOf(outlineOf(feed))}/>`);
    topics.forEach((_, depth) => lines.push(`${indent(topics.length - 1 - depth)}</outline>`));
  }
  return `${[...lines, "  </body>", "</opml>"].join("\n")}\n`;
}

function outlineOf({ address, title, kind, rules }: OpmlFeed): Record<string, string | undefined> {
  return {
    type: kind === undefined || kind === "feed" ? "rss" : kind,
    text: oneLine(title ?? address),
    title: title === null ? undefined : oneLine(title),
    xmlUrl: address,
    "crier:kind": kind,
    "crier:rules": rules && Object.keys(rules).length > 0 ? JSON.stringify(rules) : undefined,
  };
}

const attributesOf = (attributes: Record<string, string | undefined>): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${attributeText(value)}"`))
    .join("");

/** Line ends as references: a reader may take them for spaces otherwise. */
const attributeText = (value: string): string =>
  escapeUTF8(value).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
