import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { describeFeed } from "#content/feed/describe";
import { parseFeed } from "#content/feed/parse";
import { extract } from "#content/shared/extract/index";
import { describeSitemap } from "#content/sitemap/describe";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";

/**
 * Feeds mutated documents to one parser: `fuzz-worker.ts KIND RUNS SEED FOLDER…`. Prints one line of JSON with the
 * slowest run, the most memory and what broke; the test beside it judges.
 */
const [kind = "", runs = "", seed = "", ...folders] = process.argv.slice(2);
const random = createRandom(Number(seed));
const largest = 200_000;

const endings: Readonly<Record<string, string>> = {
  feed: "{xml,rss,rdf,atom,json,xml.gz,rss.gz}",
  sitemap: "{xml,xml.gz,txt}",
  page: "{html,html.gz}",
};
const documents = folders
  .flatMap((folder) =>
    globSync(`**/*${kind === "sitemap" ? "sitemap" : ""}*/**/*.${endings[kind]}`, { cwd: folder }).map((file) =>
      path.join(folder, file),
    ),
  )
  .filter((file) => statSync(file).size < largest)
  .sort()
  .filter((file) => read(file).length < largest);
if (documents.length === 0) throw new Error(`There is nothing to mutate for ${kind}.`);

/** What documents break by, and what parsers break by. */
const tokens = [
  "<![CDATA[",
  "]]>",
  "<!--",
  "-->",
  "<!DOCTYPE x [<!ENTITY a '&a;&a;'>]>",
  "&a;",
  "&#0;",
  "&#x10ffff;",
  "&#xd800;",
  "&amp;amp;",
  "<",
  ">",
  "</",
  "/>",
  '"',
  "'",
  "\0",
  "\u202e",
  "\ufeff",
  "\ud83d",
  "<item>",
  "</item>",
  "<entry>",
  "</rss>",
  "<a:b xmlns:a=''>",
  "<title type='xhtml'>",
  "xml:base='//['",
  "<script>",
  "</div>",
  "<svg><title>",
  "<template>",
  "{",
  "}",
  "[",
  "\\u0000",
  "1e999",
].map((token) => Buffer.from(token));

const mutations: ((bytes: Buffer) => Buffer)[] = [
  // A byte turned.
  (bytes) => {
    const turned = Buffer.from(bytes);
    if (turned.length > 0) turned[at(turned)] = Math.floor(random() * 256);
    return turned;
  },
  // Cut off.
  (bytes) => bytes.subarray(0, at(bytes)),
  // Something left out.
  (bytes) => {
    const start = at(bytes);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + Math.floor(random() * 2_000))]);
  },
  // Something twice, or many times.
  (bytes) => {
    const start = at(bytes);
    const part = bytes.subarray(start, start + Math.floor(random() * 200));
    const times = random() < 0.1 ? 300 : 1;
    return Buffer.concat([
      bytes.subarray(0, start),
      ...Array.from({ length: times }, () => part),
      bytes.subarray(start),
    ]);
  },
  // A token where none belongs, or a thousand of them.
  (bytes) => {
    const start = at(bytes);
    const token = pick(tokens);
    const times = random() < 0.1 ? 1_000 : 1;
    return Buffer.concat([
      bytes.subarray(0, start),
      ...Array.from({ length: times }, () => token),
      bytes.subarray(start),
    ]);
  },
  // The beginning of one document, the end of another.
  (bytes) => {
    const other = read(pick(documents));
    return Buffer.concat([bytes.subarray(0, at(bytes)), other.subarray(at(other))]);
  },
];

const from = { url: "https://bell.example/news/", contentType: null };
const parsers: Readonly<Record<string, (bytes: Uint8Array, contentType: string | null) => unknown>> = {
  feed(bytes, contentType) {
    describeFeed(bytes, { ...from, contentType });
    for (const article of parseFeed(bytes, { ...from, contentType }).articles) flaws(article);
  },
  sitemap: (bytes, contentType) => describeSitemap(bytes, { ...from, contentType }),
  page: (bytes, contentType) => flaws(extract(bytes, { ...from, contentType })),
};
const parse = parsers[kind];
if (!parse) throw new Error(`Nothing parses "${kind}".`);
const charsets = [
  null,
  null,
  "text/xml; charset=utf-8",
  "text/html; charset=windows-1255",
  "text/xml; charset=utf-16",
  "x",
];

const broken: { file: string; run: number; problem: string }[] = [];
let slowestMs = 0;
let slowest = "";
for (let run = 0; run < Number(runs); run += 1) {
  const file = pick(documents);
  const mutated = mutate(read(file));
  const before = process.threadCpuUsage();
  try {
    parse(mutated, pick(charsets));
  } catch (error) {
    if (!(error instanceof FeedError)) {
      broken.push({ file, run, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  const { user, system } = process.threadCpuUsage(before);
  const ms = (user + system) / 1_000;
  if (ms > slowestMs) [slowestMs, slowest] = [ms, `${path.basename(file)}, run ${run}`];
}
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ runs: Number(runs), documents: documents.length, slowestMs, slowest, maxRssMb: maxRSS / 1024, broken: broken.slice(0, 5) })}\n`,
);

/** Throws where an article breaks what the model promises. */
function flaws(article: Pick<Article, "url" | "image">): void {
  for (const [name, value] of Object.entries(article)) {
    const texts = Array.isArray(value) ? value : [value];
    for (const text of texts) {
      if (typeof text !== "string" || name === "sourceId") continue;
      if (name === "text" ? /[\0-\x08\x0b-\x1f]/.test(text) : /[\0-\x1f\u202d\u202e]/.test(text)) {
        throw new Error(`${name} holds a control character: ${JSON.stringify(text.slice(0, 200))}`);
      }
      if (!text.isWellFormed()) throw new Error(`${name} holds half a character.`);
    }
  }
  for (const address of [article.url, article.image]) {
    if (address && !/^https?:\/\/[^\s]+$/.test(address)) throw new Error(`No web address: ${address.slice(0, 200)}`);
  }
}

function mutate(bytes: Buffer): Buffer {
  let mutated = Buffer.from(bytes) as Buffer;
  for (let step = random() * 6; step > 0; step -= 1) mutated = pick(mutations)(mutated);
  return mutated.subarray(0, 4 * largest);
}

/** Anew each time: what the documents hold is not the parser's memory. */
function read(file: string): Buffer {
  const bytes = readFileSync(file);
  return file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

function at(bytes: Buffer): number {
  return Math.floor(random() * bytes.length);
}

function pick<T>(list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error("The list is empty.");
  return found;
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
