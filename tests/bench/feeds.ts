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
const articles = 15;
/** One feed in so many has something new in the second round. */
const changedOneIn = 10;
const bound = 10 * 60_000;

/** What `npm start` runs, so that its flags are measured too. */
const { start } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8")).scripts as {
  start: string;
};
const flags = start.split(" ").filter((word) => /^--(?!import)/.test(word));

const places = "harbour market bridge school museum orchard station theatre library hospital stadium lighthouse".split(
  " ",
);
const deeds = "opens closes burns grows moves floods reopens expands celebrates protests votes waits wins loses".split(
  " ",
);
const pick = (words: readonly string[], number: number): string => words[number % words.length] ?? "";

/** Hosts read without validators get all; with those of their newest state, nothing. */
function feedOf(host: number, edition: number): string {
  const items = Array.from({ length: articles }, (_, index) => {
    const number = host * 31 + (edition + articles - index) * 17;
    const words = Array.from(
      { length: 12 },
      (_, at) => `${pick(places, number * 7 + at * 5)}${(number * 13 + at * 101) % 9973}`,
    );
    return `<item><title>The ${pick(places, number)} of ${words[0]} ${pick(deeds, number >> 2)} after ${words[1]}</title>
<link>https://f${host}.test/story/${edition + articles - index}</link><guid>f${host}-${edition + articles - index}</guid>
<pubDate>${new Date(Date.UTC(2026, 0, 1, 0, edition + articles - index)).toUTCString()}</pubDate>
<description><![CDATA[<p>Residents of ${words.join(", ")} &amp; others said that nothing was as it had been.</p>]]></description></item>`;
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
