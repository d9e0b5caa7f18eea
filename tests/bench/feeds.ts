/**
 * 10,000 feeds, each of a host of its own, of which nine in ten have nothing new. The server runs in this process and
 * the reader in another, with the flags of `npm start`: first fetching alone, then with the parsing, then all that the
 * collector does; what each adds is that stage's share.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Round, Stage } from "./feeds-reader.ts";
import { show } from "./figures.ts";

/** By hand also fewer of them, and single stages: `node tests/bench/feeds.ts 1000 fetch`. */
const asked = process.argv.slice(2);
const feeds = Number(asked.find((word) => /^\d+$/.test(word)) ?? 10_000);
const articles = 10;
/** One feed in so many has something new in the second round. */
const changedOneIn = 10;
const bound = 20 * 60_000;
const begun = Date.now();

/** What `npm start` runs, so that its flags are measured too. */
const { start } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8")).scripts as {
  start: string;
};
const flags = start.split(" ").filter((word) => /^--(?!import)/.test(word));

const syllables = "ba ke mor ti sul ven ra do lin pe gar shi to wen ul ka fre no bri sta".split(" ");

/** The word of this rank in a language of its own: what is said often is short. */
function wordOf(rank: number): string {
  let word = "";
  for (let left = rank + 1; left > 0; left = Math.floor(left / syllables.length))
    word += syllables[left % syllables.length];
  return word;
}

/** Numbers between 0 and 1, the same for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** So many words, few of them often and many seldom, as in any language. */
function say(seed: number, words: number): string {
  const next = numbersFrom(seed);
  return Array.from({ length: words }, () => wordOf(Math.floor(next() ** 3 * 40_000))).join(" ");
}

/** Its newest articles, of which each edition adds one. */
function feedOf(host: number, edition: number): string {
  const items = Array.from({ length: articles }, (_, index) => {
    const number = edition + articles - index;
    const seed = host * 1000 + number;
    return `<item><title>${say(seed, 9)}</title><link>https://f${host}.test/story/${number}</link><guid>f${host}-${number}</guid>
<pubDate>${new Date(begun - (100 - number) * 60_000).toUTCString()}</pubDate>
<description><![CDATA[<p>${say(seed + 7, 25)} &amp; ${say(seed + 13, 10)}.</p>]]></description></item>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Town ${host}</title><link>https://f${host}.test/</link>
<language>en</language>${items.join("\n")}</channel></rss>`;
}

async function serve() {
  let edition = 0;
  const answered = new Map<number, number>();
  const server = createServer((request, response) => {
    const host = Number(/^f(\d+)\./.exec(request.headers.host ?? "")?.[1]);
    const own = host % changedOneIn === 0 ? edition : 0;
    const etag = `"f${host}-${own}"`;
    const status = request.headers["if-none-match"] === etag ? 304 : 200;
    answered.set(status, (answered.get(status) ?? 0) + 1);
    response.writeHead(status, { etag, "content-type": "application/rss+xml" });
    response.end(status === 304 ? undefined : feedOf(host, own));
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    nextEdition: () => {
      edition += 1;
    },
    takeCounts(): string {
      const said = [200, 304].map((status) => `${answered.get(status) ?? 0} x ${status}`).join(", ");
      answered.clear();
      return said;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function measure(stage: Stage): Promise<Round[]> {
  const server = await serve();
  const reader = fork(path.join(import.meta.dirname, "feeds-reader.ts"), [stage, String(feeds), String(server.port)], {
    execArgv: flags,
  });
  const timer = setTimeout(() => reader.kill(), bound);
  const rounds: Round[] = [];
  for (const name of ["first read", "nine in ten unchanged"]) {
    reader.send("go");
    const [message] = (await Promise.race([
      once(reader, "message"),
      once(reader, "exit").then(([code]) => Promise.reject(new Error(`The reader ended with ${code}.`))),
    ])) as [Round];
    rounds.push(message);
    const { seconds, cpuSeconds, peakMib, failed } = message;
    show(
      `${stage}, ${name}`,
      `${seconds.toFixed(1)} s, ${(feeds / seconds).toFixed(0)} feeds/s, ${cpuSeconds.toFixed(1)} s of CPU, ${peakMib.toFixed(0)} MiB`,
      stage === "collect" && rounds.length === 2 ? "at most 60 s, 300 MB" : "",
    );
    show("", `${server.takeCounts()}, ${failed} failed`, "");
    server.nextEdition();
  }
  clearTimeout(timer);
  reader.send("end");
  await once(reader, "exit");
  server.close();
  return rounds;
}

const all = ["fetch", "parse", "collect"] as const;
const some = all.filter((stage) => asked.includes(stage));
const stages = some.length > 0 ? some : all;
let before = 0;
for (const stage of stages) {
  const [, round] = await measure(stage);
  const cpuSeconds = round?.cpuSeconds ?? Number.NaN;
  show(`  ${stage} takes of the second round`, `${Math.max(0, cpuSeconds - before).toFixed(1)} s of CPU`, "");
  before = cpuSeconds;
}
