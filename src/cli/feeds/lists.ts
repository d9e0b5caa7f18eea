import { readFileSync, writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type OpmlFeed, readOpml } from "#content/opml/read";
import { writeOpml } from "#content/opml/write";
import type { FeedRules } from "#core/model";
import { isHookFeed } from "../../hook-feed.ts";
import { print } from "../environment.ts";
import { Failure, Misuse, orMisuse } from "../misuse.ts";
import { counted, plain } from "../say.ts";
import { feedKinds } from "./add.ts";
import { type Desk, feedKey } from "./desk.ts";
import { checkRules } from "./rules.ts";

/** Feeds written in one transaction: a running Crier waits for that long. */
const chunk = 200;
/** Lines of what could not be read. */
const mostTold = 10;

interface NewFeed {
  kind: string;
  address: string;
  rules?: FeedRules;
}

/** `crier feeds import FILE`: adds the feeds of an OPML list; folders become topics. */
export async function importFeeds(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options: {} }));
  const [file, ...more] = positionals;
  if (!file || more.length > 0) throw new Misuse("Name one OPML file, or - for standard input.");
  const { feeds, unreadable } = readOpml(await bytesOf(file));
  const problems = unreadable.map((address) => `${address || "An entry without an address"} cannot be read by Crier.`);
  const { store, now } = await desk();
  const known = new Set((await store.feeds.list()).map(feedKey));
  const fresh = feeds
    .map((feed) => toNewFeed(feed, problems))
    .filter((feed) => feed !== null)
    .filter((feed) => !known.has(feedKey(feed)));
  for (let at = 0; at < fresh.length; at += chunk) {
    await store.transaction(async (tx) => {
      for (const feed of fresh.slice(at, at + chunk)) await tx.feeds.add(feed, now);
    });
  }
  const knownCount = feeds.filter((feed) =>
    known.has(feedKey({ kind: feed.kind ?? "feed", address: feed.address })),
  ).length;
  print(`${counted(fresh.length, "feed is", "feeds are")} new, ${counted(knownCount, "was", "were")} there already.`);
  for (const problem of problems.slice(0, mostTold)) print(`  ${plain(problem)}`);
  if (problems.length > mostTold) print(`  ${problems.length - mostTold} more need a look.`);
  return 0;
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return file === "-" ? await buffer(process.stdin) : readFileSync(file);
  } catch (error) {
    throw new Failure(`${file} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Rules that cannot be followed are left out, and it is said; null for a kind that Crier does not know. */
function toNewFeed(
  { address, title, topics, kind = "feed", rules = {}, problem }: OpmlFeed,
  problems: string[],
): NewFeed | null {
  const name = title ?? address;
  if (!feedKinds.some((one) => one === kind)) {
    problems.push(`${name} is of the kind "${kind}", which Crier does not read.`);
    return null;
  }
  if (problem) problems.push(`${name}: ${problem}`);
  const given = new Set(rules.topics?.map(({ topic }) => topic));
  const added = topics.filter((topic) => !given.has(topic)).map((topic) => ({ topic, when: {} }));
  const all: FeedRules = added.length > 0 ? { ...rules, topics: [...(rules.topics ?? []), ...added] } : rules;
  try {
    checkRules(all);
  } catch (error) {
    problems.push(`${name} comes without its rules: ${error instanceof Error ? error.message : String(error)}`);
    return { kind, address };
  }
  return Object.keys(all).length > 0 ? { kind, address, rules: all } : { kind, address };
}

/** `crier feeds export [FILE]`: every feed as OPML, for other programs and for another Crier. */
export async function exportFeeds(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options: {} }));
  const [file, ...more] = positionals;
  if (more.length > 0) throw new Misuse("Name one file, or none for standard output.");
  const { store, now } = await desk();
  // What is handed in can be read by nobody else.
  const listed = (await store.feeds.list()).filter((feed) => !isHookFeed(feed));
  const feeds = listed.map(({ kind, address, title, rules }): OpmlFeed => {
    const topics = (rules.topics ?? []).filter(({ when }) => Object.keys(when).length === 0).map(({ topic }) => topic);
    return { kind, address, title, topics, rules };
  });
  const opml = writeOpml({ title: "Crier", feeds, now });
  if (!file || file === "-") {
    process.stdout.write(opml);
    return 0;
  }
  try {
    writeFileSync(file, opml);
  } catch (error) {
    throw new Failure(`${file} could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  print(`${counted(feeds.length, "feed")} in ${file}.`);
  return 0;
}
