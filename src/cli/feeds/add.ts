import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import type { Found } from "#content/discover/found";
import { folderPath } from "#content/folder/files";
import type { FeedRules } from "#core/model";
import { print } from "../environment.ts";
import { Failure, Misuse, orMisuse } from "../misuse.ts";
import { counted, plain, relativeTime } from "../say.ts";
import { type Desk, feedKey, readWhole } from "./desk.ts";
import { changeRules, ruleOptions, rulesWords } from "./rules.ts";

/** Kinds of feeds that may be added. */
export const feedKinds = ["feed", "sitemap", "page", "listing", "wordpress", "folder"] as const;

/** A whole site may be looked through. */
const discoveryMs = 120_000;

/** `crier feeds add ADDRESS`: finds what can be read there and adds it. */
export async function addFeed(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values, positionals } = orMisuse("", () =>
    parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        ...ruleOptions,
        kind: { type: "string" },
        yes: { type: "boolean", default: false },
        all: { type: "boolean", default: false },
      },
    }),
  );
  const [named, ...more] = positionals;
  if (!named || more.length > 0) throw new Misuse("Name one address: a site, a feed or a folder.");
  const kind = kindOf(values.kind) ?? (isFolder(named) ? "folder" : null) ?? (values.selector ? "listing" : null);
  const rules = changeRules({}, values);
  const address = kind === "folder" ? folderPath(named) : webAddress(named);
  const opened = await desk();
  const known = (await opened.store.feeds.list()).find((feed) =>
    kind ? feedKey(feed) === feedKey({ kind, address }) : feed.address === address || feed.url === address,
  );
  if (known) {
    print(
      `${plain(known.title ?? address)} is read already: it is feed ${known.id}. “crier feeds set ${known.id}” changes its rules.`,
    );
    return 0;
  }
  if (kind) {
    print(await lookAt(opened, kind, address, rules));
    await keep(opened, { kind, address }, rules);
    return 0;
  }
  const found = await discover(opened, address);
  const mayAsk = found.length > 1 && !values.yes && !values.all && process.stdin.isTTY && process.stdout.isTTY;
  const chosen = values.all ? found : mayAsk ? await choose(found) : found.slice(0, 1);
  for (const one of chosen) await keep(opened, one, rules);
  if (chosen.length === 0) print("\nNothing was added.");
  else if (chosen.length < found.length && !mayAsk) print("With --all the others are added too.");
  return 0;
}

function kindOf(kind: string | undefined): string | null {
  if (kind === undefined || feedKinds.some((known) => known === kind)) return kind ?? null;
  throw new Misuse(`--kind is ${feedKinds.slice(0, -1).join(", ")} or ${feedKinds.at(-1)}; "${kind}" is none.`);
}

/** A path as people write one, or a folder that is there. */
function isFolder(named: string): boolean {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(named)) return named.startsWith("file:");
  return /^(?:\.{0,2}[/\\]|~|\.{1,2}$|[a-z]:\\)/i.test(named) || (existsSync(named) && statSync(named).isDirectory());
}

/** @throws Misuse for what is no address of the web */
function webAddress(named: string): string {
  const address = /^[a-z][a-z\d+.-]+:\/\//i.test(named) ? named : `https://${named}`;
  const url = URL.parse(address);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || !/[.:]|^localhost$/.test(url.hostname)) {
    throw new Misuse(`"${plain(named)}" is neither a web address nor a folder that is there.`);
  }
  return address;
}

/** Reads it once and says what it holds. @throws FeedError when it cannot be read */
async function lookAt(desk: Desk, kind: string, address: string, rules: FeedRules): Promise<string> {
  const { title, articles, problem } = await readWhole(desk, { kind, url: address, rules });
  const times = articles.map(({ publishedAt }) => publishedAt?.getTime() ?? 0).filter((time) => time > 0);
  const newest = times.length > 0 ? `, the newest ${relativeTime(new Date(Math.max(...times)), desk.now)}` : "";
  const about = `${plain(title ?? address)}: ${counted(articles.length, "article")}${newest}.`;
  return problem ? `${about}\n${plain(problem)}` : about;
}

async function discover(desk: Desk, address: string): Promise<Found[]> {
  const { createDiscover } = await import("../../../content/discover/index.ts");
  const discovery = createDiscover({ http: desk.http(), adapters: desk.adapters() });
  const { site, found } = await discovery(address, AbortSignal.timeout(discoveryMs));
  if (found.length === 0) {
    throw new Failure(
      `Nothing that can be read was found at ${plain(site)}. Where a page there links to the news: crier feeds add ADDRESS --kind listing`,
    );
  }
  print(`${plain(site)} has ${counted(found.length, "source")} of news:`);
  found.forEach((one, index) => print(`  ${index + 1}. ${foundWords(one, desk.now)}`));
  return found;
}

/** How good a source is: "feed https://… “The Bell”: newest 12 minutes ago, about 30 a day, tells of news at once". */
function foundWords({ kind, address, title, articles, newestAt, perDay, language, hub }: Found, now: Date): string {
  const facts = [
    counted(articles, "article"),
    newestAt && `newest ${relativeTime(newestAt, now)}`,
    perDay === null ? null : rateWords(perDay),
    language,
    hub ? "tells of news at once" : null,
  ].filter((fact) => fact !== null);
  return `${kind} ${plain(address)}${title ? ` “${plain(title)}”` : ""}: ${facts.join(", ")}`;
}

function rateWords(perDay: number): string | null {
  if (perDay >= 1) return `about ${Math.round(perDay)} a day`;
  if (perDay * 7 >= 1) return `about ${Math.round(perDay * 7)} a week`;
  return perDay > 0 ? "less than one a week" : null;
}

async function choose(found: Found[]): Promise<Found[]> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // Who closes the input, by Ctrl+D or Ctrl+C, wants none.
  const closed = once(lines, "close").then(() => "none");
  try {
    for (;;) {
      const question = lines.question("Which shall be read? Numbers, all or none [1] ").catch(() => closed);
      const chosen = parseChoice(await Promise.race([question, closed]), found.length);
      if (chosen) return chosen.flatMap((index) => found[index] ?? []);
      print(`Write numbers from 1 to ${found.length}, as in 1,3.`);
    }
  } finally {
    lines.close();
  }
}

/** Places from 0; null for what is no answer. */
export function parseChoice(answer: string, count: number): number[] | null {
  const text = answer.trim().toLowerCase();
  if (text === "") return [0];
  if (/^(?:all|a)$/.test(text)) return Array.from({ length: count }, (_, index) => index);
  if (/^(?:none|no|n|0|q)$/.test(text)) return [];
  const numbers = text.split(/[\s,]+/).map(Number);
  const isGood = numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= count);
  return isGood ? [...new Set(numbers.map((number) => number - 1))] : null;
}

async function keep(desk: Desk, { kind, address }: { kind: string; address: string }, rules: FeedRules): Promise<void> {
  const hasRules = Object.keys(rules).length > 0;
  const { feed, isNew } = await desk.store.feeds.add({ kind, address, ...(hasRules ? { rules } : {}) }, desk.now);
  const words = hasRules ? `, ${plain(rulesWords(rules).join("; "))}` : "";
  print(
    isNew
      ? `Added ${plain(address)} as feed ${feed.id}${words}.`
      : `${plain(address)} is read already: it is feed ${feed.id}.`,
  );
}
