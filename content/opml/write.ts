import { escapeUTF8 } from "entities";
import { oneLine } from "../shared/text.ts";
import { namespace } from "./own.ts";
import type { OpmlFeed } from "./read.ts";

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
