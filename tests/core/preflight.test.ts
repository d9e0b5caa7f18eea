import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { type Editor, hold } from "#core/desk/decide";
import type { DeskSettings } from "#core/desk/hold";
import { createGate, letOut } from "#core/desk/intake";
import { createPreflight } from "#core/desk/preflight";
import { tellSteps } from "#core/desk/tell";
import type { Article, ChatRef, FeedRules, StoredArticle } from "#core/model";
import type { HeldArticle, PreflightResult, Store } from "#core/ports";
import { createMortalStore } from "#tests/fakes/mortal-store";
import { article, createNewsroom, until } from "#tests/fakes/newsroom";
import { bothEngines, createDatabase } from "#tests/store/database";

const fine: PreflightResult = { ok: true, unproven: null };
const notThere: PreflightResult = { ok: false, problem: "its page answers 404" };
const hourMs = 3_600_000;
const settings: DeskSettings = { editors: 1, expiresMs: 24 * hourMs, preflight: true, probeAfterMs: null };
const boss: ChatRef = { platform: "fake", address: "boss", kind: "private" };

type Page = PreflightResult | (() => Promise<PreflightResult>);

/** A newsroom that looks at pages before its stories go out; what each page answers is for the test to say. */
async function open(place: { databaseUrl?: string }) {
  const newsroom = await createNewsroom(place);
  const { store, clock, log, feed } = newsroom;
  await newsroom.subscribe("ada");
  const pages = new Map<string, Page>();
  const asked: string[] = [];
  const check = async ({ url }: Pick<Article, "url">): Promise<PreflightResult> => {
    const title = decodeURIComponent(url?.split("/").at(-1) ?? "");
    asked.push(title);
    const page = pages.get(title) ?? fine;
    return typeof page === "function" ? page() : page;
  };
  const processOf = (over: Store) =>
    createPreflight({ store: over, check, settings, clock, log, onQueued: () => void queued.push(clock.elapsedMs()) });
  const queued: number[] = [];
  const preflight = processOf(store);
  const stopping = new AbortController();
  const say = () => tellSteps({ store, clock, timeZone: "UTC", settings, admins: [boss] });
  const start = clock.now().getTime();
  return {
    ...newsroom,
    pages,
    asked,
    queued,
    preflight,
    processOf,
    stop: () => stopping.abort(),
    signal: stopping.signal,
    take: (title: string, change: Partial<Article> = {}, rules: FeedRules = {}): Promise<StoredArticle> =>
      store.transaction(async (tx) => {
        const added = await tx.articles.add(feed.id, article(title, change), { link: null, terms: [] }, clock.now());
        await letOut(tx, added, createGate(tx, rules, settings), { to: "subscribed", probeAt: null }, clock.now());
        return added;
      }),
    look: () => preflight.lookDue(stopping.signal),
    /** Rings as the schedule does, each second or so. */
    async ringFor(seconds: number, every = 1): Promise<void> {
      for (let left = seconds; left >= 0; left -= every) {
        await preflight.lookDue(stopping.signal);
        await say();
        if (left > 0) await clock.sleep(every * 1_000);
      }
    },
    /** Stories that are queued, with the second at which they were. */
    async out(): Promise<string[]> {
      return (await store.outbox.recent(100))
        .filter(({ key }) => /^article:\d+$/.test(key))
        .map(({ title, queuedAt }) => `${title} ${(queuedAt.getTime() - start) / 1_000}`)
        .reverse();
    },
    /** What the admin's chat got since the last time, line by line, by the alphabet. */
    async told(): Promise<string[]> {
      await say();
      const lines: string[] = [];
      for (;;) {
        const claimed = await store.outbox.claim("fake", 100, [], clock.now());
        if (claimed.length === 0) return lines.sort();
        for (const delivery of claimed) {
          const { id, chat, content } = delivery;
          await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: String(id) } }, clock.now());
          if (chat.address !== boss.address || content.kind !== "notice") continue;
          lines.push(...content.spans.flatMap(({ text }) => text.split("\n")));
        }
      }
    },
    editor: (): Editor => ({
      call: { key: `call:${clock.elapsedMs()}`, by: { platform: "fake", person: "edna" }, now: clock.now() },
      manner: { now: clock.now(), timeZone: "UTC", mark: "/" },
      settings,
      how: "here",
    }),
    held: async (): Promise<HeldArticle | undefined> => (await store.desk.list(10))[0],
    change: (id: number, how: (held: HeldArticle) => HeldArticle) =>
      store.transaction(async (tx) => {
        const held = await tx.desk.held(id);
        assert.ok(held);
        await tx.desk.change(how(held));
      }),
  };
}

const database = await createDatabase();
if (!("missing" in database)) after(database.drop);
for (const [engine, create] of Object.entries(bothEngines(database))) {
  suite(`before a story goes out its page is looked at (${engine})`, { timeout: 300_000 }, async () => {
    /** What leans on locks and transactions is shown on both engines. */
    const lookingOnBoth = (name: string, work: (desk: Awaited<ReturnType<typeof open>>) => Promise<void>): void =>
      void test(name, async (t) => {
        const place = await create();
        if ("missing" in place) return t.skip(place.missing);
        const desk = await open(place);
        t.after(() => desk.close());
        await work(desk);
      });

    const looking: typeof lookingOnBoth = engine === "SQLite" ? lookingOnBoth : () => {};

    lookingOnBoth("one whose page is there goes at the first look, and nobody is told", async (desk) => {
      const { take, look, out, told, asked, queued, store } = desk;
      await take("Ferry");
      assert.deepEqual(await out(), [], "not before");
      await look();
      assert.deepEqual(await out(), ["Ferry 0"]);
      assert.equal(queued.length, 1);
      assert.deepEqual(await told(), []);
      await desk.ringFor(30);
      assert.deepEqual(asked, ["Ferry"]);
      assert.equal(await store.desk.count(), 0);
    });

    looking("one whose page comes a moment later goes then, and nobody is told", async (desk) => {
      const { take, ringFor, out, told, pages } = desk;
      await take("Ferry");
      pages.set("Ferry", notThere);
      await ringFor(10);
      pages.delete("Ferry");
      await ringFor(10);
      assert.deepEqual(await out(), ["Ferry 15"]);
      assert.deepEqual(await told(), []);
    });

    looking("the admins are told after the second failure, at the end, and of the all-clear", async (desk) => {
      const { take, ringFor, out, told, pages, held } = desk;
      const ferry = await take("Ferry");
      const storm = await take("Storm");
      pages.set("Ferry", notThere);
      pages.set("Storm", { ok: false, problem: "its picture is an HTML page" });
      await ringFor(20);
      assert.deepEqual(await told(), [
        `“Ferry” waits: its page answers 404. Its page is looked at for half an hour; “review send ${ferry.id}” sends it all the same, “review drop ${ferry.id}” drops it.`,
        `“Storm” waits: its picture is an HTML page. Its page is looked at for half an hour; “review send ${storm.id}” sends it all the same, “review drop ${storm.id}” drops it.`,
      ]);
      await ringFor(85, 5);
      assert.deepEqual(await told(), []);
      pages.delete("Storm");
      await ringFor(29 * 60, 15);
      assert.deepEqual(await out(), ["Storm 225"]);
      assert.deepEqual(await told(), [
        `“Ferry” waits for an editor: its page answers 404. “review send ${ferry.id}” sends it all the same, “review drop ${ferry.id}” drops it.`,
        "“Storm” goes out: its page is there now.",
      ]);
      const left = await held();
      assert.deepEqual(left?.preflight, { looks: 8, problem: "its page answers 404", nextAt: null });
      assert.equal(left?.editors, 1, "an editor may send it all the same");
      assert.equal(
        left?.expiresAt?.getTime(),
        desk.clock.now().getTime() - desk.clock.elapsedMs() + 1_425_000 + 24 * hourMs,
      );
    });

    looking("looks come ever more seldom, for half an hour and not longer", async (desk) => {
      const { take, pages, ringFor, clock } = desk;
      await take("Ferry");
      const looks: number[] = [];
      const slowly = async (): Promise<PreflightResult> => {
        looks.push(clock.elapsedMs() / 1_000);
        await clock.sleep(20_000);
        return notThere;
      };
      pages.set("Ferry", slowly);
      await ringFor(3_600, 5);
      const last = (looks.at(-1) ?? 0) + 20;
      assert.equal(looks.length, 8);
      assert.ok(last > 1_400 && last <= 1_800, `the last look ends after ${last} s`);
      const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
      assert.deepEqual(
        pauses,
        pauses.toSorted((a, b) => a - b),
      );
    });

    lookingOnBoth("breaking news waits a minute at most, and the admins hear why it went", async (desk) => {
      const { take, pages, ringFor, out, told } = desk;
      pages.set("Fire", notThere);
      pages.set("Flood", notThere);
      const fire = await take("Fire", { breaking: true });
      const flood = await take("Flood", { breaking: true }, { release: "review" });
      assert.match((await told()).join(), /^Held: “Flood”/);
      await ringFor(90);
      assert.deepEqual(await out(), ["Fire 60"]);
      const decide = (id: number): string => `“review send ${id}” sends it all the same, “review drop ${id}” drops it.`;
      assert.deepEqual(await told(), [
        "“Fire” goes out: its page answers 404, but breaking news waits no longer than a minute.",
        `“Fire” waits: its page answers 404. As breaking news it goes out within a minute; ${decide(fire.id)}`,
        "“Flood” waits for its page no longer: its page answers 404, but breaking news waits no longer than a minute.",
        `“Flood” waits for its page, too: its page answers 404. ${decide(flood.id)}`,
      ]);
      assert.equal((await desk.held())?.article.title, "Flood", "its review still holds it");
    });

    looking("breaking news does not wait for a slow page, nor for those of others", async (desk) => {
      const { take, pages, preflight, signal, clock, out } = desk;
      const never = (): Promise<PreflightResult> => new Promise(() => {});
      for (const count of Array(20).keys()) {
        await take(`Slow ${count}`);
        pages.set(`Slow ${count}`, never);
      }
      void preflight.lookDue(signal);
      await until("the slow ones are asked for", () => desk.asked.length === 8);
      await take("Fire", { breaking: true });
      await preflight.lookDue(signal);
      assert.match((await out()).join(), /^Fire \d+$/);
      const hangs = (): Promise<PreflightResult> => clock.sleep(3_600_000).then(() => fine);
      pages.set("Flood", hangs);
      await take("Flood", { breaking: true });
      const since = clock.elapsedMs() / 1_000;
      void preflight.lookDue(signal);
      await until("it is asked for", () => desk.asked.includes("Flood"));
      await clock.sleep(61_000);
      await preflight.lookDue(signal);
      assert.equal(desk.asked.filter((title) => title.startsWith("Slow")).length, 8, "no more than that at once");
      assert.ok(since < 60);
    });

    looking("one for which Crier was away too long goes as soon as it is back", async (desk) => {
      const { take, clock, look, out, told, asked } = desk;
      await take("Fire", { breaking: true });
      await take("Ferry");
      await clock.sleep(hourMs);
      await look();
      assert.deepEqual((await out()).sort(), ["Ferry 3600", "Fire 3600"]);
      assert.deepEqual(asked, ["Ferry"]);
      assert.deepEqual(await told(), [
        "“Fire” goes out: its page could not be looked at in time, but breaking news waits no longer than a minute.",
      ]);
    });

    looking("one for a later time is looked at then", async (desk) => {
      const { take, clock, look, ringFor, out, asked, pages, store, editor } = desk;
      pages.set("Budget", notThere);
      const publishedAt = new Date(clock.now().getTime() + 2 * hourMs);
      const { id } = await take("Budget", { publishedAt }, { embargo: true });
      await ringFor(600, 10);
      assert.deepEqual(asked, []);
      await clock.sleep(2 * hourMs - 600_000);
      pages.delete("Budget");
      await look();
      assert.deepEqual(asked, ["Budget"]);
      assert.deepEqual(await out(), ["Budget 7200"]);
      assert.equal(await store.desk.held(id), null);
      // An editor gives a time to one that was looked at in vain, and another, earlier one.
      pages.set("Ferry", notThere);
      const ferry = await take("Ferry");
      await ringFor(20);
      const give = async (minutes: number): Promise<void> => {
        const { done } = await hold(store, ferry.id, new Date(clock.now().getTime() + minutes * 60_000), editor());
        assert.ok(done);
      };
      await give(120);
      asked.length = 0;
      await ringFor(1_800, 60);
      assert.deepEqual(asked, []);
      await give(30);
      await ringFor(1_740, 60);
      assert.deepEqual(asked, []);
      pages.delete("Ferry");
      await ringFor(120, 60);
      assert.deepEqual(asked, ["Ferry"]);
      assert.equal((await out()).length, 2);
    });

    lookingOnBoth("what was decided, or is another page, meanwhile is left as it is", async (desk) => {
      const { take, pages, look, out, store, clock, change, told } = desk;
      const ferry = await take("Ferry");
      pages.set("Ferry", async () => {
        await store.transaction((tx) => tx.desk.end(ferry.id, "dropped"));
        return fine;
      });
      await look();
      assert.deepEqual(await out(), []);
      const storm = await take("Storm");
      pages.set("Storm", async () => {
        await store.articles.revise(
          storm.id,
          { ...storm, url: "https://bell.example/Another" },
          { link: null, terms: [] },
          clock.now(),
        );
        await change(storm.id, (held) => ({ ...held, preflight: { looks: 0, problem: null, nextAt: clock.now() } }));
        return fine;
      });
      pages.set("Another", notThere);
      await look();
      assert.deepEqual(await out(), [], "the new page was not looked at");
      await look();
      assert.equal((await desk.held())?.preflight?.problem, "its page answers 404");
      const given = await take("Given");
      pages.set("Given", notThere);
      await change(given.id, (held) => ({
        ...held,
        preflight: { looks: 8, problem: "its page is empty", nextAt: null },
      }));
      await look();
      assert.ok(!desk.asked.includes("Given"), "it is an editor's now");
      await told();
    });

    lookingOnBoth("one that was given up and gets another page goes when that is there", async (desk) => {
      const { take, pages, ringFor, out, store, clock, change, told } = desk;
      const ferry = await take("Ferry");
      pages.set("Ferry", notThere);
      await ringFor(1_800, 15);
      assert.equal((await desk.held())?.editors, 1);
      await change(ferry.id, (held) => ({ ...held, preflight: { looks: 0, problem: null, nextAt: clock.now() } }));
      pages.delete("Ferry");
      await ringFor(1);
      assert.equal((await out()).length, 1, "no editor has to let it go");
      assert.deepEqual((await store.audit.steps(ferry.id)).map(({ step }) => step).slice(-1), ["released"]);
      await told();
    });

    looking("what an editor decides before the word of it is said is not told any more", async (desk) => {
      const { take, pages, clock, look, store, told } = desk;
      const { id } = await take("Ferry");
      pages.set("Ferry", notThere);
      await look();
      await clock.sleep(15_000);
      await look();
      await store.transaction((tx) => tx.desk.end(id, "dropped"));
      assert.deepEqual(await told(), []);
    });

    lookingOnBoth("two processes that look at once count one look and send once", async (desk) => {
      const { take, pages, store, processOf, preflight, signal, out, held } = desk;
      const other = processOf(store);
      await take("Ferry");
      await take("Storm");
      pages.set("Storm", notThere);
      await Promise.all([preflight.lookDue(signal), other.lookDue(signal)]);
      assert.deepEqual(await out(), ["Ferry 0"]);
      assert.equal((await held())?.preflight?.looks, 1);
    });

    looking("a rule of its feed goes before the settings, and a wall before its site holds nothing", async (desk) => {
      const { take, look, out, pages, log } = desk;
      await take("Plain", {}, { preflight: false });
      await take("No link", { url: null });
      assert.deepEqual(await out(), ["Plain 0", "No link 0"]);
      pages.set("Walled", { ok: true, unproven: "its page answered with a page of Cloudflare that tests for robots" });
      const { id } = await take("Walled");
      await look();
      assert.equal((await out()).length, 3);
      const line = log.lines.find(({ text }) => text.includes("Cloudflare"));
      assert.deepEqual(line?.fields, { article: id });
    });

    looking("a fault of the look itself, and a stop in the midst of one, lose nothing", async (desk) => {
      const { take, look, pages, held, log, stop, out, asked } = desk;
      await take("Ferry");
      pages.set("Ferry", () => Promise.reject(new Error("Nobody saw this coming.")));
      await look();
      assert.match((await held())?.preflight?.problem ?? "", /^its page could not be looked at/);
      assert.ok(log.lines.some(({ level }) => level === "error"));
      await take("Storm");
      pages.set("Storm", async () => {
        stop();
        return notThere;
      });
      await look();
      const storm = (await desk.store.desk.list(10)).find(({ article: { title } }) => title === "Storm");
      assert.deepEqual([storm?.preflight?.looks, storm?.preflight?.problem], [0, null]);
      await look();
      assert.equal(asked.filter((title) => title === "Storm").length, 1, "it looks no more");
      assert.deepEqual(await out(), []);
    });

    lookingOnBoth("a process that dies at any of its steps only repeats the look", async (desk) => {
      const { take, pages, store, processOf, out, ringFor } = desk;
      const signal = new AbortController().signal;
      pages.set("Storm", notThere);
      for (const isDone of [false, true]) {
        for (const diesAt of [0, 1]) {
          const title = `Ferry ${diesAt} ${isDone}`;
          await take(title);
          await processOf(createMortalStore(store, { diesAt, isDone })).lookDue(signal);
        }
      }
      await ringFor(1);
      const titles = (await out()).map((line) => line.replace(/ \S+$/, ""));
      assert.deepEqual(titles.toSorted(), [...new Set(titles)].toSorted());
      assert.equal(titles.length, 4);
    });
  });
}
