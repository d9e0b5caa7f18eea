import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { createDesk } from "#core/desk";
import { createGate, letOut } from "#core/desk/intake";
import type { Article, FeedRules } from "#core/model";
import type { Store } from "#core/ports";
import { createLog } from "#src/log";
import { openStore } from "#store/open";
import { deskSettings } from "#tests/fakes/desk";
import { createMemoryLog } from "#tests/fakes/log";
import { article } from "#tests/fakes/newsroom";
import { createPlace, type Place } from "#tests/journeys/crier";

/** `crier review`, `watch`, `correct`, `retract` and `audit` as processes beside the store of a Crier that the test stands in for. */
suite("the editors' desk on the command line", { timeout: 300_000 }, () => {
  let place: Place;
  let store: Store;
  let feed = 0;
  const settings = { ...deskSettings, editors: 2 };

  const run = async (...args: string[]): Promise<{ code: number | null; said: string }> => {
    const child = place.run(args, {
      TIMEZONE: "UTC",
      TELEGRAM_BOT_TOKEN: "123456:ABC-DEF",
      FEEDS: "https://bell.example/feed",
      REVIEW_EDITORS: "2",
    });
    const code = await child.exited;
    return { code, said: child.said() };
  };
  const good = async (...args: string[]): Promise<string> => {
    const { code, said } = await run(...args);
    assert.equal(code, 0, said);
    return said;
  };
  const take = (title: string, rules: FeedRules = {}, change: Partial<Article> = {}): Promise<number> =>
    store.transaction(async (tx) => {
      const added = await tx.articles.add(feed, article(title, change), { link: title, terms: [] }, new Date());
      const gate = createGate(tx, rules, settings);
      await letOut(tx, added, gate, { to: "subscribed", probeAt: null }, new Date());
      return added.id;
    });
  /** What Crier does each second, and its courier; answers what went out. */
  const crierTurns = async (): Promise<string[]> => {
    const went: string[] = [];
    const desk = createDesk({
      store,
      settings,
      clock: { now: () => new Date(), sleep: async () => {} },
      log: createMemoryLog(),
      timeZone: "UTC",
      admins: [{ platform: "telegram", address: "1", kind: "private" }],
      onQueued: () => {},
    });
    await desk.runDue(new AbortController().signal);
    while (!(await store.outbox.fanOut(100, new Date())));
    for (;;) {
      const claimed = await store.outbox.claim("telegram", 10, [], new Date());
      if (claimed.length === 0) return went;
      for (const delivery of claimed) {
        const { action, chat, content } = delivery;
        const outcome = action === "recall" ? "recalled" : "sent";
        await store.outbox.finish(
          delivery,
          outcome === "sent" ? { state: outcome, receipt: { messageId: "1" } } : { state: outcome },
          new Date(),
        );
        const text = content.kind === "article" ? content.article.title : "notice";
        went.push(`${action} ${chat.address}: ${text}`);
      }
    }
  };

  before(async () => {
    place = await createPlace();
    store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    feed = (await store.feeds.add({ kind: "feed", address: "https://bell.example/feed" }, new Date())).feed.id;
    const { chat } = await store.chats.open({ platform: "telegram", address: "5", kind: "private" }, "Ada", new Date());
    await store.subscriptions.begin(chat.id, new Date());
  });
  after(async () => {
    await store.close();
    await place.remove();
  });

  test("asked wrongly they end with 2 and say what is wrong", async () => {
    const wrong: [args: string[], said: RegExp][] = [
      [["review", "frob"], /no command "review frob"/],
      [["review", "send"], /Name one article/],
      [["review", "list", "--frob"], /--frob/],
      [["watch", "add"], /at least one word/],
      [["watch", "frob"], /no command "watch frob"/],
      [["correct", "1"], /--headline, --summary or --kicker/],
      [["correct", "1", "--headline", " "], /cannot be made empty/],
      [["retract"], /Name one article/],
      [["audit"], /Name one article/],
    ];
    await Promise.all(
      wrong.map(async ([args, said]) => {
        const result = await run(...args);
        assert.deepEqual([result.code, said.test(result.said)], [2, true], `${args.join(" ")}: ${result.said}`);
      }),
    );
    assert.match(await good("review", "--help"), /drop ARTICLE/);
    assert.match(await good("review"), /Nothing waits for an editor/);
    assert.equal((await run("review", "send", "99")).code, 1);
  });

  test("the watch-list is set, and what has its words waits", async () => {
    assert.match(await good("watch", "add", "bomb", "prime minister"), /“bomb” or “prime minister”/);
    assert.equal((await run("watch", "add", "Bomb")).code, 1, "it is there already");
    assert.equal(await good("watch"), "bomb\nprime minister\n");
    const id = await take("A bomb");
    assert.match(
      await good("review"),
      new RegExp(`^ID +SINCE +UNTIL +STORY\\n${id} .*“A bomb”: the word “bomb” stands in it`),
    );
    assert.match(await good("review", "drop", String(id), "no", "news"), /“A bomb” is dropped/);
    assert.match(await good("watch", "remove", "all"), /“bomb” or “prime minister”/);
    const second = await run("review", "send", String(id));
    assert.deepEqual([second.code, /^crier: You dropped “A bomb” at/.test(second.said)], [1, true], second.said);
    assert.deepEqual(await crierTurns(), ["send 1: notice"], "the admins hear of what another process did");
  });

  test("a story is let go, corrected and taken back, and the trail tells it", async () => {
    const id = await take("One", { release: "review" });
    const name = String(id);
    assert.deepEqual(await crierTurns(), ["send 1: notice"]);
    assert.match(
      await good("review", "show", name),
      /^One\n\nWhat there is to say of: One\.\n[\s\S]*Held since[\s\S]*0 of 2 editors/,
    );
    const now = new Date();
    await store.audit.write(
      { article: id, step: "approved", key: "e", by: { platform: "telegram", person: "1" } },
      now,
    );
    assert.match(await good("review", "send", name), /^“One” goes out within a second where Crier runs/);
    assert.deepEqual(await crierTurns(), ["send 5: One"]);
    assert.match(
      await good("correct", name, "--headline", "Uno"),
      /^Corrected: “Uno”\. 1 chat on telegram will show it\./,
    );
    assert.deepEqual((await crierTurns()).sort(), ["correct 5: Uno", "send 1: notice"]);
    const twice = await run("correct", name, "--headline", "Uno");
    assert.deepEqual([twice.code, /says that already/.test(twice.said)], [1, true], twice.said);
    assert.match(await good("retract", name, "wrong", "name"), /^Taken back: “Uno”\. 1 chat on telegram will lose it/);
    assert.deepEqual((await crierTurns()).sort(), ["recall 5: Uno", "send 1: notice"]);
    assert.equal((await run("retract", name)).code, 1);
    const said = await good("audit", name, "--chats");
    assert.match(said, /queued\n– telegram: 1 got it, and it was taken back\n/);
    assert.match(said, /corrected by you: headline: “One” → “Uno”\n– telegram: 1 corrected\n/);
    assert.match(said, /taken back by you: wrong name\n– telegram: 1 lost it\n/);
    assert.match(
      said,
      /CHAT +PLATFORM +TITLE +AT +WHAT\n\d+ +telegram +Ada +\d\d:\d\d +got it, and it was taken back\n/,
    );
    const json = JSON.parse(await good("audit", name, "--json", "--chats"));
    assert.deepEqual(
      json.steps.map(({ step, by }: { step: string; by: string | null }) => `${step} ${by}`),
      ["held null", "approved telegram", "approved cli", "released null", "corrected cli", "retracted cli"],
    );
    assert.deepEqual(
      json.chats.map(({ state }: { state: string }) => state),
      ["recalled", "sent", "recalled"],
    );
  });

  test("at a time, and by its link", async () => {
    const id = await take("Later", { release: "review" });
    const link = "https://bell.example/Later";
    await store.audit.write(
      { article: id, step: "approved", key: "l", by: { platform: "telegram", person: "1" } },
      new Date(),
    );
    const article = await store.articles.get(id);
    assert.ok(article);
    assert.match(
      await good("review", "hold", String(id), "until", "tomorrow 07:00"),
      /waits until tomorrow at 07:00 \(UTC\)\. An editor/,
    );
    assert.match(await good("review", "send", String(id)), /goes out tomorrow at 07:00 \(UTC\) by itself/);
    assert.equal((await run("review", "send", String(id), "at", "noon")).code, 2);
    assert.deepEqual(
      JSON.parse(await good("review", "--json")).map(({ article }: { article: { title: string } }) => article.title),
      ["Later"],
    );
    assert.match(await good("review", "send", String(id), "now"), /within a second/);
    assert.ok((await crierTurns()).includes("send 5: Later"));
    assert.equal((await run("audit", link)).code, 1, "no article has that link's key here");
  });
});
