import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { compilePattern } from "#content/shared/pattern";
import { drop, send } from "#core/desk/decide";
import { retract } from "#core/desk/mend";
import type { Article, Chat, FeedRules } from "#core/model";
import type { Store } from "#core/ports";
import { createRoutes } from "#core/route";
import { compileRules } from "#core/rules";
import { takeIn } from "#core/take-in";
import { explain, findArticle } from "#core/why";
import { openStore } from "#store/open";
import { article, minute, now } from "#tests/contract/store/place";
import { deskSettings } from "#tests/fakes/desk";
import { createMemoryLog } from "#tests/fakes/log";

interface Newsroom {
  store: Store;
  feed: number;
  chat(address: string, platform?: string): Promise<Chat>;
  /** Takes articles in as a read of the feed would, at the minute given. */
  read(articles: Article[], at?: number, how?: { sends?: "all" | "newest" | "none"; feed?: number }): Promise<void>;
  rules(rules: FeedRules): Promise<void>;
  /** What `crier why` says, as one text. */
  why(named: string, chat: string, platforms?: string[]): Promise<string>;
}

async function inNewsroom(work: (newsroom: Newsroom) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-why-"));
  const store = await openStore({ dataDir: folder, log: createMemoryLog() });
  try {
    await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
    const feed = (await store.feeds.list())[0]?.id ?? 0;
    const routes = createRoutes();
    let feedRules: FeedRules = {};
    let rule = compileRules(feedRules, compilePattern);
    await work({
      store,
      feed,
      chat: async (address, platform = "telegram") =>
        (await store.chats.open({ platform, address, kind: "private" }, address, now)).chat,
      async read(articles, at = 0, { sends = "all", feed: from = feed } = {}) {
        await store.transaction(async (tx) => {
          const route = await routes(tx);
          const read = { articles, retracted: [], rule, sends, route, desk: deskSettings };
          await takeIn(tx, { id: from, rules: feedRules }, read, minute(at));
        });
      },
      async rules(rules) {
        await store.feeds.setRules(feed, rules);
        feedRules = rules;
        rule = compileRules(rules, compilePattern);
      },
      async why(named, chat, platforms = ["telegram"]) {
        const [there] = await store.why.chats(chat);
        assert.ok(there, chat);
        const found = await findArticle(store, named);
        if ("missing" in found) return found.missing;
        const told = await explain({ store, compilePattern, platforms, timeZone: "UTC" }, found.id, there);
        return (told?.sentences ?? []).join("\n");
      },
    });
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

test("a delivery is told from its queueing to its end, with tries, times and the delay", () =>
  inNewsroom(async ({ store, chat, read, why }) => {
    const ada = await chat("ada");
    await store.subscriptions.begin(ada.id, now);
    await read([article("Ferry runs again", { breaking: true })]);
    const waiting = await why("ferry", "ada");
    assert.match(
      waiting,
      /^Article 1, “Ferry runs again”, came from https:\/\/bell\.example\/feed at 1 Mar 2026, 12:00:00\./,
    );
    assert.match(waiting, /Chat 1, “ada”, is a private chat on telegram, subscribed since 1 Mar 2026, 12:00:00\./);
    assert.match(
      waiting,
      /queued to be sent at 1 Mar 2026, 12:00:00, in the lane “breaking” \(delivery 1 of the message article:1\)/,
    );
    assert.match(waiting, /It waits for its turn\.$/);
    assert.match(
      await why("ferry", "ada", ["whatsapp"]),
      /Nothing goes out there: no bot for telegram is in the settings\./,
    );
    const [first] = await store.outbox.claim("telegram", 1, [], minute(1));
    assert.match(await why("ferry", "ada"), /claimed at 1 Mar 2026, 12:01:00 and is under way/);
    assert.ok(first);
    await store.outbox.retry(first, minute(2), "The network is down.", true);
    assert.match(
      await why("1", "ada"),
      /waits until 1 Mar 2026, 12:02:00 at least after 1 try that sent nothing\. The network is down\./,
    );
    const [again] = await store.outbox.claim("telegram", 1, [], minute(3));
    assert.ok(again);
    await store.outbox.finish(
      again,
      { state: "sent", receipt: { messageId: "1" } },
      new Date(minute(3).getTime() + 400),
    );
    assert.match(
      await why("FERRY again", "ada"),
      /claimed at 1 Mar 2026, 12:03:00 after 1 try that sent nothing\. It was sent at 1 Mar 2026, 12:03:00, 3 minutes after it was queued, in revision 1\./,
    );
    await read([article("Ferry runs again", { title: "Ferry runs at last", breaking: true })], 5);
    const corrected = await why("https://bell.example/Ferry%20runs%20again", "ada");
    assert.match(corrected, /in revision 2 since 1 Mar 2026, 12:05:00/);
    assert.match(corrected, /queued as a correction at 1 Mar 2026, 12:05:00/);
  }));

test("a lost answer, a refusal and a skip are told with their reasons", () =>
  inNewsroom(async ({ store, chat, read, why }) => {
    for (const address of ["ada", "ben", "eve"]) await store.subscriptions.begin((await chat(address)).id, now);
    await read([article("One")]);
    const [ada, ben] = await store.outbox.claim("telegram", 2, [], now);
    assert.ok(ada && ben);
    await store.outbox.finish(ada, { state: "unknown", reason: "The connection broke." }, minute(1));
    await store.outbox.finish(ben, { state: "failed", reason: "No right to post." }, minute(1));
    const eve = await store.chats.find("telegram", "eve");
    await store.subscriptions.end(eve?.id ?? 0, minute(2));
    assert.match(await why("One", "ada"), /answer was lost at .* not sent again unproven\. The connection broke\./);
    assert.match(await why("One", "ben"), /failed for good at .*\. No right to post\./);
    assert.match(
      await why("One", "eve"),
      /skipped at 1 Mar 2026, 12:02:00, never claimed\. The chat ended its subscription\./,
    );
  }));

test("what was never queued is explained by the reason of that time", () =>
  inNewsroom(async ({ store, chat, read, rules, why }) => {
    const ada = await chat("ada");
    await read([article("Old news")], 0, { sends: "none" });
    await rules({ exclude: [{ words: ["гороскоп"] }] });
    await read([article("Гороскоп на неделю")], 1);
    await read([article("Before she came")], 2);
    await store.subscriptions.begin(ada.id, minute(3));
    assert.match(
      await why("old news", "ada"),
      /for nobody: it stood there already when Crier read the feed for the first time\./,
    );
    const left = await why("гороскоп", "ada");
    assert.match(left, /for nobody: it has the word “гороскоп”\./);
    assert.match(left, /By the rules that the feed has now, it is left out: it has the word “гороскоп”\./);
    await rules({});
    const since = await why("гороскоп", "ada");
    assert.match(since, /for nobody: it has the word “гороскоп”\.$/, "the rules are others now, the reason is not");
    assert.match(
      await why("before", "ada"),
      /at 1 Mar 2026, 12:02:00, but not for this one: the chat subscribed later\./,
    );
    assert.match(await why("nothing of the kind", "ada"), /No article is known by “nothing of the kind”/);

    await store.subscriptions.setPreferences(ada.id, { topics: ["Sport", "כלכלה"], mutes: ["golf"] }, now);
    await read([article("Harbour dredged", { topics: ["Harbour"] })], 4);
    assert.match(
      await why("dredged", "ada"),
      /but not for this one: it did not want it\.\nNow it wants the topics Sport and כלכלה, nothing with golf; the article has 1 topic Harbour/,
    );
    await store.subscriptions.setPreferences(ada.id, {}, now);
    assert.match(await why("dredged", "ada"), /decided otherwise since: now it wants everything, and would get it\./);

    await store.subscriptions.end(ada.id, minute(5));
    await read([article("While she was away")], 6);
    assert.match(
      await why("away", "ada"),
      /not subscribed since 1 Mar 2026, 12:05:00\.\n.*: the chat was not subscribed at that time\./,
    );
    await store.subscriptions.begin(ada.id, minute(7));
    await store.chats.close(ada.id, "The reader blocked the bot.", minute(8));
    await read([article("After the end")], 9);
    const closed = await why("after the end", "ada");
    assert.match(closed, /closed since 1 Mar 2026, 12:08:00: The reader blocked the bot\./);
    assert.match(closed, /but not for this one: the chat was closed by then\./);
  }));

test("another feed's telling, a story that was taken back and one kept no longer are told as such", () =>
  inNewsroom(async ({ store, feed, chat, read, why }) => {
    const ada = await chat("ada");
    await store.subscriptions.begin(ada.id, now);
    await store.feeds.configure(
      [
        { kind: "feed", address: "https://bell.example/feed" },
        { kind: "feed", address: "https://gazette.example/feed" },
      ],
      now,
    );
    const other = (await store.feeds.list()).find(({ id }) => id !== feed);
    assert.ok(other);
    await read([article("מעבורת חוזרת")]);
    await read([article("מעבורת חוזרת", { sourceId: "gazette-7" })], 1, { feed: other.id });
    const twin = await why("gazette-7", "ada");
    assert.match(twin, /^Article 1, “מעבורת חוזרת”, came from https:\/\/bell/);
    assert.match(twin, /https:\/\/gazette\.example\/feed told the same story; it counts once, as this article\./);
    await store.articles.retract(1, minute(2));
    assert.match(await why("מעבורת", "ada"), /It was taken back at 1 Mar 2026, 12:02:00\./);
    await store.outbox.claim("telegram", 1, [], minute(3));
    assert.match(
      await why("מעבורת", "ada"),
      /skipped at 1 Mar 2026, 12:03:00, never claimed\. The article was taken back\./,
    );

    await store.transaction(async (tx) => {
      const keys = { link: null, terms: [] };
      for (let at = 0; at < 1_000; at += 1) await tx.articles.add(feed, article(`Later ${at}`), keys, now);
    });
    const before = minute(60);
    assert.equal(await store.upkeep.retireDeliveries(before, 10), 1);
    assert.equal(await store.upkeep.retireMessages(before, 10), 1);
    assert.deepEqual(await store.upkeep.retireArticles(before, { newest: 1_000, after: 0, limit: 10 }), {
      retired: 1,
      last: null,
    });
    assert.match(await why("gazette-7", "ada"), /so long ago that only its name is kept/);
    await read([article("מעבורת חוזרת")], 90);
    assert.match(await why("gazette-7", "ada"), /so long ago/, "it did not come back as new");
    assert.equal((await store.articles.latest(2_000)).length, 1_000);
  }));

test("what came to the editors' desk is explained: held, dropped, expired, dated ahead, let go and taken back", () =>
  inNewsroom(async ({ store, chat, read, rules, why }) => {
    const ada = await chat("ada");
    await store.subscriptions.begin(ada.id, now);
    await rules({ release: "review" });
    await read(["Waits", "Dropped", "Expired", "Let go"].map((title) => article(title)));
    await rules({ embargo: true });
    await read([article("Dated", { publishedAt: minute(90) })]);
    const editor = {
      call: { key: "a call", by: { platform: "telegram", person: "1" }, now: minute(1) },
      manner: { now: minute(1), timeZone: "UTC", mark: "/" },
      settings: deskSettings,
      how: "here",
    } as const;
    const idOf = async (title: string): Promise<number> => {
      const found = await findArticle(store, title);
      return "id" in found ? found.id : 0;
    };
    await drop(store, await idOf("Dropped"), "not ours", editor);
    await send(store, await idOf("Let go"), null, editor);
    await store.desk.end(await idOf("Expired"), "expired");
    await store.articles.leaveOut(await idOf("Expired"), "no editor let it go within 24 hours");
    assert.match(
      await why("waits", "ada"),
      /\nIt is held since 1 Mar 2026, 12:00:00, and queued for nobody yet: an editor is to look at it\. Undecided, it goes to nobody: until 2 Mar 2026, 12:00:00\.$/,
    );
    assert.match(await why("dropped", "ada"), /\nIt was queued for nobody: an editor dropped it: not ours\.$/);
    assert.match(await why("expired", "ada"), /\nIt was queued for nobody: no editor let it go within 24 hours\.$/);
    assert.match(await why("dated", "ada"), /and queued for nobody yet: its time is 13:30\.$/);
    assert.match(await why("let go", "ada"), /It was queued to be sent at 1 Mar 2026, 12:01:00/);
    await retract(store, await idOf("Waits"), null, editor);
    assert.match(
      await why("waits", "ada"),
      /It was taken back at 1 Mar 2026, 12:01:00\.\n.*\nIt was queued for nobody: it was taken back before\.$/,
    );
  }));
