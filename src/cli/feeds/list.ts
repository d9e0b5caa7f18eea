import { parseArgs } from "node:util";
import { isHookFeed } from "../../hook-feed.ts";
import { print } from "../environment.ts";
import { orMisuse } from "../misuse.ts";
import { counted, plain, relativeTime, table } from "../say.ts";
import { type Desk, isInSettings } from "./desk.ts";
import { rulesWords } from "./rules.ts";

/** `crier feeds list [--json]`: every active feed, when it was read and how it is. */
export async function listFeeds(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values } = orMisuse("", () => parseArgs({ args, options: { json: { type: "boolean", default: false } } }));
  const opened = await desk();
  const { store, now } = opened;
  const feeds = await Promise.all(
    (await store.feeds.list()).map(async (feed) => ({
      ...feed,
      isPushed: (await store.pushes.byFeed(feed.id))?.state === "active",
      isInSettings: isInSettings(opened, feed),
    })),
  );
  if (values.json) {
    print(JSON.stringify(feeds, null, 2));
    return 0;
  }
  if (feeds.length === 0) {
    print("No feed is read yet. Add one: crier feeds add https://your-site.example");
    return 0;
  }
  const rows = feeds.map((feed) => [
    String(feed.id),
    feed.kind,
    isHookFeed(feed) ? "handed in" : feed.isPushed ? "pushed" : "polled",
    feed.readAt ? relativeTime(feed.readAt, now) : "never",
    feed.nextAt <= now ? "now" : relativeTime(feed.nextAt, now),
    plain(feed.title ?? "no title yet"),
  ]);
  const [head = "", ...lines] = table([["ID", "KIND", "NEWS", "READ", "NEXT", "TITLE"], ...rows]);
  const indent = " ".repeat(head.indexOf("KIND"));
  print(head);
  feeds.forEach(({ address, failures, problem, readAt, rules }, index) => {
    print(lines[index] ?? "");
    print(`${indent}${plain(address)}`);
    if (failures > 0) {
      const since = readAt ? `since the last good one ${relativeTime(readAt, now)}` : "and none was good yet";
      print(`${indent}${counted(failures, "read")} failed ${since}: ${plain(problem ?? "the reason is not known")}`);
    }
    const words = rulesWords(rules);
    if (words.length > 0) print(`${indent}rules: ${plain(words.join("; "))}`);
  });
  return 0;
}
