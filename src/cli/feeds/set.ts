import { parseArgs } from "node:util";
import { print } from "../environment.ts";
import { Misuse, orMisuse } from "../misuse.ts";
import { plain } from "../say.ts";
import { type Desk, findFeed, isInSettings } from "./desk.ts";
import { asksForRules, changeRules, ruleOptions, rulesWords } from "./rules.ts";

/** `crier feeds set FEED RULES`: changes what the newsroom decided for a feed. */
export async function setFeed(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values, positionals } = orMisuse("", () =>
    parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: { ...ruleOptions, clear: { type: "boolean", default: false } },
    }),
  );
  const named = oneFeed(positionals);
  if (!values.clear && !asksForRules(values)) throw new Misuse("Say what is to be set, or --clear.");
  // Before the store is opened: what is written wrongly is wrong for every feed.
  changeRules({}, values);
  const opened = await desk();
  const feed = await findFeed(opened, named);
  const rules = changeRules(values.clear ? {} : feed.rules, values);
  await opened.store.feeds.setRules(feed.id, rules);
  const words = rulesWords(rules);
  const name = `Feed ${feed.id}, ${plain(feed.title ?? feed.address)}`;
  print(words.length > 0 ? `${name}: ${plain(words.join("; "))}.` : `${name}, has no rules: all of it goes out.`);
  return 0;
}

/** `crier feeds remove FEED`: it is read no more. */
export async function removeFeed(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options: {} }));
  const named = oneFeed(positionals);
  const opened = await desk();
  const feed = await findFeed(opened, named);
  await opened.store.feeds.remove(feed.id);
  print(`${plain(feed.title ?? feed.address)} is read no more. What came from it stays.`);
  if (isInSettings(opened, feed)) {
    print("It stands in the setting FEEDS and is back at the next start: take it out there too.");
  }
  return 0;
}

/** @throws Misuse unless one feed is named */
export function oneFeed(positionals: string[]): string {
  const [named, ...more] = positionals;
  if (!named || more.length > 0) throw new Misuse("Name one feed, by its id or its address.");
  return named;
}
