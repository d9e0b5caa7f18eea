import { parseArgs } from "node:util";
import { compilePattern } from "#content/shared/pattern";
import type { Article } from "#core/model";
import { compileRules, type Ruling } from "#core/rules";
import { cut } from "#core/text";
import { print } from "../environment.ts";
import { orMisuse } from "../misuse.ts";
import { counted, plain, relativeTime } from "../say.ts";
import { type Desk, findFeed, readWhole } from "./desk.ts";
import { oneFeed } from "./set.ts";

const shown = 5;

/** `crier feeds test FEED [--json]`: reads a feed now and shows its newest articles as Crier sees them. Writes nothing and sends nothing. */
export async function tryFeed(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values, positionals } = orMisuse("", () =>
    parseArgs({ args, allowPositionals: true, options: { json: { type: "boolean", default: false } } }),
  );
  const named = oneFeed(positionals);
  const opened = await desk();
  const feed = await findFeed(opened, named);
  const rule = orMisuse("", () => compileRules(feed.rules, compilePattern));
  const { title, articles, problem, complete } = await readWhole(opened, feed);
  const newest = newestFirst(articles).slice(0, shown);
  const read = feed.rules.pages ? await Promise.all(newest.map(complete)) : newest;
  const rulings = read.map(rule);
  const leftOut = articles.filter((article) => !rule(article).out).length;
  if (values.json) {
    print(JSON.stringify({ title, articles: articles.length, leftOut, problem, newest: rulings }, null, 2));
    return 0;
  }
  const about = leftOut > 0 ? `; the rules leave ${leftOut} of them out` : "";
  print(`${plain(title ?? feed.address)}: ${counted(articles.length, "article")}${about}.`);
  if (problem) print(plain(problem));
  for (const ruling of rulings) {
    print("");
    for (const line of rulingLines(ruling, opened.now)) print(line);
  }
  return 0;
}

/** In the feed's own order where it gives no dates. */
function newestFirst(articles: Article[]): Article[] {
  if (articles.some(({ publishedAt }) => publishedAt === null)) return articles;
  return articles.toSorted((a, b) => (b.publishedAt?.getTime() ?? 0) - (a.publishedAt?.getTime() ?? 0));
}

function rulingLines({ out, why, article }: Ruling, now: Date): string[] {
  const { kicker, title, summary, text, image, url, authors, topics, language, publishedAt, breaking } = article;
  const facts = [
    publishedAt ? relativeTime(publishedAt, now) : "no date",
    authors.length > 0 ? `by ${authors.join(", ")}` : null,
    topics.length > 0 ? topics.join(", ") : null,
    language,
    text ? `${text.length.toLocaleString("en")} characters of text` : "no text",
    image ? "picture" : "no picture",
  ].filter((fact) => fact !== null);
  return [
    `${!out ? "LEFT OUT  " : breaking ? "BREAKING  " : ""}${kicker ? `${plain(kicker)}: ` : ""}${plain(title)}`,
    ...(why ? [`  ${plain(why)}`] : []),
    ...(summary ? [`  ${cut(plain(summary), 200)}`] : []),
    `  ${plain(facts.join(" · "))}`,
    `  ${url ? plain(url) : "no link"}`,
  ];
}
