import assert from "node:assert/strict";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { createAlarms } from "#core/alarms";
import type { BotHealth, Store } from "#core/ports";
import { createVitals } from "#core/vitals";
import { article, createNewsroom } from "#tests/fakes/newsroom";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const { signal } = new AbortController();

/** A newsroom with a bot whose health the test sets, and an admin on another platform who reads what they are told. */
async function open(t: TestContext, { admins = true }: { admins?: boolean } = {}) {
  const newsroom = await createNewsroom();
  t.after(() => newsroom.close());
  const { store, clock, log, feed, folder } = newsroom;
  log.lines.length = 0;
  let health: BotHealth = { state: "ready" };
  let room: { free: number; total: number } | null = { free: 50e9, total: 100e9 };
  let queued = 0;
  const start = () =>
    createAlarms({
      store,
      vitals: createVitals({ store, clock }),
      bots: [{ platform: "telegram", health: () => health }],
      admins: admins ? [{ platform: "admins", address: "desk", kind: "private" }] : [],
      clock,
      log,
      timeZone: "Asia/Jerusalem",
      machine: null,
      disk: async () => room,
      onQueued: () => void (queued += 1),
    });
  let alarms = start();
  /** What the admin was told since the last time. */
  const told = async (): Promise<string[]> => {
    const words: string[] = [];
    while (true) {
      const claimed = await store.outbox.claim("admins", 10, [], clock.now());
      if (claimed.length === 0) return words;
      for (const { content, ...delivery } of claimed) {
        await store.outbox.finish(
          delivery,
          { state: "sent", receipt: { messageId: String(delivery.id) } },
          clock.now(),
        );
        if (content.kind === "notice") words.push(content.spans.map(({ text }) => text).join(""));
      }
    }
  };
  return {
    store,
    clock,
    log,
    feed,
    folder,
    /** Looks each minute for as long. */
    async look(minutes: number): Promise<string[]> {
      for (let minute = 0; minute < minutes; minute += 1) {
        await clock.sleep(minuteMs);
        await alarms.look(signal);
      }
      return told();
    },
    restart: () => {
      alarms = start();
    },
    setHealth: (next: BotHealth) => void (health = next),
    setRoom: (next: typeof room) => void (room = next),
    queued: () => queued,
    /** A chat on Telegram that wants all. */
    async subscribe() {
      const ref = { platform: "telegram", address: "ada", kind: "private" } as const;
      const { chat } = await store.chats.open(ref, "ada", clock.now());
      await store.subscriptions.begin(chat.id, clock.now());
      return chat;
    },
    publish: (title: string, publishedAt: Date | null = null) =>
      store.transaction(async (tx: Store) => {
        const { id } = await tx.articles.add(feed.id, article(title, { publishedAt }), noKeys, clock.now());
        const message = {
          key: `article:${id}`,
          lane: "article",
          kind: "article",
          action: "send",
          article: id,
        } as const;
        await tx.outbox.add(message, "subscribed", clock.now());
        await tx.articles.announce(id, clock.now(), null);
      }),
    async send(): Promise<void> {
      for (const delivery of await store.outbox.claim("telegram", 10, [], clock.now()))
        await store.outbox.finish(
          delivery,
          { state: "sent", receipt: { messageId: String(delivery.id) } },
          clock.now(),
        );
    },
  };
}

const noKeys = { link: null, terms: [] };

describe("alarms", () => {
  it("say nothing while all is well", async (t) => {
    const { look, store, queued } = await open(t);
    assert.deepEqual(await look(30), []);
    assert.deepEqual(await store.alarms.standing(), []);
    assert.equal(queued(), 0);
  });

  it("tell of a bot that waits for a person, once, also over a restart, and once that it is over", async (t) => {
    const { look, restart, setHealth, log, queued } = await open(t);
    setHealth({ state: "blocked", detail: "Telegram does not know the token: give Crier the one from @BotFather." });
    assert.deepEqual(await look(4), [], "it may pass");
    const [word, ...more] = await look(10);
    assert.match(
      word ?? "",
      /^The bot on telegram has not been able to send since 14:01\. Telegram does not know the token/,
    );
    assert.deepEqual(more, []);
    assert.equal(queued(), 1);
    restart();
    assert.deepEqual(await look(20), [], "not again");
    setHealth({ state: "starting" });
    assert.deepEqual(await look(5), [], "it connects, and may still fail");
    setHealth({ state: "ready" });
    assert.deepEqual(await look(10), ["The bot on telegram can send again."]);
    assert.deepEqual(
      log.lines.map(({ level, text }) => `${level}: ${text}`),
      ["warn: an alarm is raised", "info: an alarm is over"],
    );
    setHealth({ state: "blocked", detail: "Again." });
    assert.equal((await look(10)).length, 1, "a new one is told again");
  });

  it("tell that nothing goes out although something waits", async (t) => {
    const { look, subscribe, publish, send } = await open(t);
    await subscribe();
    await publish("One");
    await publish("Two");
    assert.deepEqual(await look(13), []);
    assert.deepEqual(await look(5), [
      "Nothing has been sent on telegram since 14:00, and 2 messages wait. “crier check” tries each part; Crier's log says what telegram answers.",
    ]);
    await send();
    await send();
    assert.deepEqual(await look(5), ["Messages on telegram go out again."]);
  });

  it("give a process that has just started its time, and leave a blocked bot to its own alarm", async (t) => {
    const { look, clock, restart, subscribe, publish, setHealth } = await open(t);
    await subscribe();
    await publish("One");
    await clock.sleep(10 * hourMs);
    restart();
    assert.deepEqual(await look(14), []);
    setHealth({ state: "blocked", detail: "A person is needed." });
    const words = await look(20);
    assert.equal(words.length, 1);
    assert.match(words[0] ?? "", /^The bot on telegram has not been able to send/);
  });

  it("do not take what waits for its hour for what is stuck", async (t) => {
    const { look, clock, store, subscribe, publish } = await open(t);
    await subscribe();
    await publish("One");
    const [delivery] = await store.outbox.claim("telegram", 1, [], clock.now());
    assert.ok(delivery);
    await store.outbox.retry(delivery, new Date(clock.now().getTime() + 5 * hourMs), "Quiet hours.", false);
    assert.deepEqual(await look(60), []);
  });

  it("tell that articles come late, and where their time went", async (t) => {
    const { look, clock, subscribe, publish, send } = await open(t);
    await subscribe();
    const ago = (minutes: number): Date => new Date(clock.now().getTime() - minutes * minuteMs);
    const deliver = async (minutesAgo: number): Promise<void> => {
      for (let number = 0; number < 6; number += 1) {
        await publish(`Article ${clock.now().toISOString()} ${number}`, ago(minutesAgo));
        await send();
      }
    };
    await deliver(3);
    // Found two days late: a page that was touched, and no fault of Crier's.
    await publish("Old", ago(48 * 60));
    await send();
    assert.deepEqual(await look(2), []);
    await deliver(40);
    const words = await look(2);
    assert.equal(words.length, 1);
    assert.match(
      words[0] ?? "",
      /^Articles reach the chats on telegram late: .* one in twenty took 40 minutes or more/,
    );
    assert.match(words[0] ?? "", /before Crier saw them: read the feeds more often/);
    await deliver(40);
    assert.deepEqual(await look(20), [], "not again, and nothing new says nothing");
    await deliver(1);
    assert.deepEqual(await look(2), ["Articles reach the chats on telegram in time again."]);
  });

  it("tell of a disk that is nearly full, and not at each byte about the limit", async (t) => {
    const { look, setRoom } = await open(t);
    setRoom({ free: 4.9e9, total: 100e9 });
    assert.deepEqual(await look(3), [
      "The disk that holds DATA_DIR is nearly full: 4.9 GB of 100.0 GB are free. Make room: Crier sends nothing that it cannot write down first.",
    ]);
    setRoom({ free: 5.1e9, total: 100e9 });
    assert.deepEqual(await look(3), []);
    setRoom(null);
    assert.deepEqual(await look(3), []);
    setRoom({ free: 7e9, total: 100e9 });
    assert.deepEqual(await look(3), ["The disk that holds DATA_DIR has room again."]);
    setRoom({ free: 199e6, total: 1e9 });
    assert.match((await look(3))[0] ?? "", /199 MB of 1\.0 GB are free/);
  });

  it("are logged where there is no admin to tell", async (t) => {
    const { look, setRoom, log } = await open(t, { admins: false });
    setRoom({ free: 1, total: 100e9 });
    await look(3);
    assert.deepEqual(
      log.lines.map(({ text }) => text),
      ["an alarm is raised"],
    );
  });

  it("say in the log alone, and once, that nothing can be written", async (t) => {
    const { look, folder, log } = await open(t);
    const raw = new DatabaseSync(path.join(folder, "crier.db"));
    raw.exec("create trigger full before update on pulse begin select raise(abort, 'database or disk is full'); end");
    assert.deepEqual(await look(3), []);
    assert.deepEqual(
      log.lines.map(({ level, text }) => `${level}: ${text}`),
      ["error: the store refuses to be written to: nothing can be sent"],
    );
    raw.exec("drop trigger full");
    raw.close();
    await look(1);
    assert.equal(log.lines.length, 1);
  });
});

/** Six weeks of a feed that publishes twice an hour from 6 to 23 UTC, but for Saturdays; the last of them an hour ago. */
async function publishSixWeeks({ store, clock, feed }: Awaited<ReturnType<typeof open>>, title: string) {
  const end = clock.now().getTime() - hourMs;
  await store.transaction(async (tx) => {
    for (let at = end - 6 * 7 * 24 * hourMs; at <= end; at += 30 * minuteMs) {
      const date = new Date(at);
      if (date.getUTCHours() < 6 || date.getUTCHours() >= 23 || date.getUTCDay() === 6) continue;
      await tx.articles.add(feed.id, article(`${title} ${at}`), noKeys, date);
    }
  });
}

describe("the alarm of a silent feed", () => {
  const read = async ({ store, clock, feed }: Awaited<ReturnType<typeof open>>): Promise<void> =>
    store.feeds.read(feed.id, {
      at: clock.now(),
      nextAt: new Date(clock.now().getTime() + minuteMs),
      title: "פעמון הנמל",
    });

  /** Looks each minute for as long, with a read before each look. */
  const watch = async (place: Awaited<ReturnType<typeof open>>, hours: number): Promise<string[]> => {
    const words: string[] = [];
    for (let minute = 0; minute < hours * 60; minute += 5) {
      await place.clock.sleep(4 * minuteMs);
      await read(place);
      words.push(...(await place.look(1)));
    }
    return words;
  };

  it("comes when it is quieter than is its habit, and is over with its next article", async (t) => {
    // The clock begins on a Sunday at noon.
    const place = await open(t);
    await publishSixWeeks(place, "Article");
    assert.deepEqual(await watch(place, 0.75), []);
    const [word, ...more] = await watch(place, 1);
    assert.deepEqual(more, []);
    assert.match(
      word ?? "",
      /^“פעמון הנמל” has published nothing since 13:00; at that time of its week it usually publishes again within \d+ minutes\./,
    );
    assert.match(word ?? "", /“crier feeds test 1” shows what https:\/\/bell\.example\/feed holds\.$/);
    place.restart();
    assert.deepEqual(await watch(place, 1), []);
    await place.store.articles.add(place.feed.id, article("At last"), noKeys, place.clock.now());
    assert.deepEqual(await watch(place, 0.5), ["“פעמון הנמל” publishes again, after 4 hours."]);
    assert.deepEqual(await watch(place, 1), []);
  });

  it("does not come at night, when the feed sleeps", async (t) => {
    const place = await open(t);
    await place.clock.sleep(12 * hourMs);
    await publishSixWeeks(place, "Article");
    assert.deepEqual(await watch(place, 5), [], "from midnight to five");
    const words = await watch(place, 5);
    assert.equal(words.length, 1, "but in the morning");
  });

  it("does not come for a feed that Crier could not read, and is forgotten with a feed that is removed", async (t) => {
    const place = await open(t);
    await publishSixWeeks(place, "Article");
    await read(place);
    assert.deepEqual(await place.look(180), [], "nobody knows whether it is silent");
    assert.equal((await watch(place, 0.5)).length, 1);
    await place.store.feeds.remove(place.feed.id);
    assert.deepEqual(await place.look(3), []);
    assert.deepEqual(await place.store.alarms.standing(), []);
  });
});
