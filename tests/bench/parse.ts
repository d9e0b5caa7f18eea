import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import FeedParser from "feedparser";
import { parseFeed as feedsmith } from "feedsmith";
import RssParser from "rss-parser";
import { openDocument } from "#content/feed/document";
import { parseFeed } from "#content/feed/parse";
import { median, show } from "./figures.ts";

const root = path.resolve(import.meta.dirname, "../..");
const corpus = path.resolve(root, "../shared/corpus");
/** Captured feeds where they are at hand, else the project's own. */
const suites = ["real-smallweb", "rss-parser", "rubycocos", "node-feedparser", "publisher"];
const rounds = 9;

interface Document {
  bytes: Buffer;
}

type Parser = (document: Document) => unknown;

const rssParser = new RssParser();

const from = { url: "https://bell.example/feed", contentType: null };

/** The same work for all: from bytes to a feed's items, texts as they stand. And Crier's whole way, to articles in plain text. */
const parsers: Readonly<Record<string, Parser>> = {
  Crier: ({ bytes }) => openDocument(bytes, from),
  "Crier, to articles": ({ bytes }) => parseFeed(bytes, from),
  feedsmith: ({ bytes }) => feedsmith(bytes.toString("utf8")),
  "rss-parser": ({ bytes }) => rssParser.parseString(bytes.toString("utf8")),
  feedparser: ({ bytes }) =>
    new Promise<number>((resolve, reject) => {
      const parser = new FeedParser({ addmeta: false });
      let count = 0;
      parser.on("error", reject);
      parser.on("readable", () => {
        while (parser.read()) count += 1;
      });
      parser.on("end", () => resolve(count));
      Readable.from([bytes]).pipe(parser);
    }),
};

const folders = existsSync(corpus)
  ? suites.map((suite) => path.join(corpus, suite))
  : [path.join(root, "tests/fixtures/feeds")];
const candidates = folders
  .flatMap((folder) =>
    globSync("*.{xml,rss,rdf,atom,xml.gz,rss.gz,atom.gz}", { cwd: folder }).map((file) => path.join(folder, file)),
  )
  .map((file): Document => {
    return { bytes: file.endsWith(".gz") ? gunzipSync(readFileSync(file)) : readFileSync(file) };
  });

const documents: Document[] = [];
for (const document of candidates) {
  try {
    // A feed that one of them refuses would not measure the same work.
    for (const parser of Object.values(parsers)) await parser(document);
    documents.push(document);
  } catch {
    // Left out, and counted below.
  }
}
const bytes = documents.reduce((sum, document) => sum + document.bytes.length, 0);
process.stdout.write(
  `${documents.length} feeds that all of them take, ${(bytes / 1e6).toFixed(1)} MB; ${candidates.length - documents.length} that one of them refuses are left out\n`,
);

/** MB/s over all documents, in each round: the parsers take turns, since the machine is not theirs alone. */
const speeds = new Map(Object.keys(parsers).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, parser] of Object.entries(parsers)) {
    const begun = performance.now();
    for (const document of documents) await parser(document);
    speeds.get(name)?.push(bytes / (performance.now() - begun) / 1_000);
  }
}
const peers = [...speeds].filter(([name]) => !name.startsWith("Crier")).map(([, all]) => median(all));
for (const [name, all] of speeds) {
  const speed = median(all);
  const feeds = (speed / (bytes / 1e6)) * documents.length;
  show(
    `parsing: ${name}`,
    `${speed.toFixed(1)} MB/s, ${feeds.toFixed(0)} feeds/s`,
    name === "Crier" ? `not below ${Math.max(...peers).toFixed(1)} MB/s, the fastest of the others` : "",
  );
}
