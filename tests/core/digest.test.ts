import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "#content/shared/pattern";
import { createDigester } from "#core/digester";
import type { SabbathCalendar } from "#core/hours/sabbath";
import type { Chat, ClaimedDelivery, Hours } from "#core/model";
import { planHours } from "#core/plan-hours";
import type { Store } from "#core/ports";
import { toMessage } from "#core/to-message";
import { explain } from "#core/why";
import { createMortalStore } from "#tests/fakes/mortal-store";
import { createNewsroom } from "#tests/fakes/newsroom";

/** Where nobody keeps Sabbath. */
const none: SabbathCalendar = { places: async () => [], between: async () => [] };
const minuteMs = 60_000;

type Stage = Awaited<ReturnType<typeof createStage>>;

/** A newsroom whose chats have hours, with a clock that the test sets and a platform that takes all at once. */
async function createStage(sabbaths: SabbathCalendar = none, zone = "UTC") {
  const newsroom = await createNewsroom();
  const { store, clock, log } = newsroom;
  const told: string[] = [];
  const got = new Map<string, string[]>();
  const signal = new AbortController().signal;
  const digester = (over: Store = store) =>
    createDigester({
      store: over,
      clock,
      log,
      zone,
      sabbaths,
      onQueued: () => {},
      tellAdmins: async (key, text) => void (told.some((one) => one.startsWith(key)) || told.push(`${key} ${text}`)),
    });
  const own = digester();
  /** Sends all that may go now. */
  const deliver = async (): Promise<ClaimedDelivery[]> => {
    const all: ClaimedDelivery[] = [];
    for (;;) {
      const claimed = await store.outbox.claim("fake", 500, [], clock.now());
      if (claimed.length === 0) return all;
      for (const delivery of claimed) {
        await store.outbox.finish(
          delivery,
          { state: "sent", receipt: { messageId: String(delivery.id) } },
          clock.now(),
        );
        const texts = got.get(delivery.chat.address) ?? [];
        texts.push(textOf(delivery));
        got.set(delivery.chat.address, texts);
        all.push(delivery);
      }
    }
  };
  const settle = async (): Promise<ClaimedDelivery[]> => {
    await own.run(signal);
    return deliver();
  };
  return {
    ...newsroom,
    told,
    settle,
    deliver,
    digester,
    /** What a chat got since this was last asked. */
    news(address: string): string[] {
      const texts = got.get(address) ?? [];
      got.delete(address);
      return texts;
    },
    /** Moves the clock to an instant, and lets all happen that is due then. */
    async at(iso: string): Promise<void> {
      const ms = new Date(iso).getTime() - clock.now().getTime();
      assert.ok(ms >= 0, iso);
      await clock.sleep(ms);
      await settle();
    },
    async give(chat: Chat, hours: Hours): Promise<void> {
      await store.transaction(async (tx) => {
        await tx.subscriptions.setPreferences(chat.id, { hours }, clock.now());
        await planHours({ store: tx, now: clock.now(), zone, sabbaths }, "new");
      });
    },
    run: () => own.run(signal),
  };
}

function textOf(delivery: ClaimedDelivery): string {
  const message = toMessage(delivery, "UTC");
  if (message.kind === "article") return message.article.title;
  if (message.kind !== "digest") return message.spans.map(({ text }) => text).join("");
  const titles = message.sections.flatMap(({ articles }) => articles.map(({ title }) => title));
  const about = message.corrected
    ? `, ${message.corrected.isWithdrawn ? "withdrawn" : "corrected"} ${message.corrected.at}`
    : "";
  return `${message.occasion}: ${titles.join(", ")}${message.more > 0 ? ` and ${message.more}` : ""}${about}`;
}

const staged = async (
  work: (stage: Stage) => Promise<void>,
  sabbaths?: SabbathCalendar,
  zone?: string,
): Promise<void> => {
  const stage = await createStage(sabbaths, zone);
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
};

const daily: Hours = { delivery: "digest", digest: { every: "day", at: ["18:00"] } };
const nights: Hours = { quiet: { from: "22:00", to: "07:00" } };

test("a digest comes at its time, with what came since the last one; where nothing is new nothing is sent", () =>
  staged(async ({ subscribe, publish, give, at, news }) => {
    await give(await subscribe("ada"), daily);
    await publish("One");
    await at("2026-03-01T17:59:59Z");
    assert.deepEqual(news("ada"), []);
    await publish("Two");
    await at("2026-03-01T18:00:00Z");
    assert.deepEqual(news("ada"), ["hour: Two, One"]);
    await at("2026-03-02T17:00:00Z");
    await publish("Three");
    await at("2026-03-02T18:00:00Z");
    assert.deepEqual(news("ada"), ["hour: Three"]);
    await at("2026-03-03T18:00:00Z");
    await at("2026-03-04T18:00:00Z");
    assert.deepEqual(news("ada"), []);
  }));

test("digests that were missed while Crier was not running are one, and late; two that wait are sent in order", () =>
  staged(async ({ subscribe, publish, give, at, news, run, clock, deliver }) => {
    await give(await subscribe("ada"), { ...daily, digest: { every: "day", at: ["14:00", "16:00"] } });
    await publish("One");
    await at("2026-03-02T15:00:00Z");
    assert.deepEqual(news("ada"), ["hour: One"]);
    for (const [title, time] of [
      ["Two", "2026-03-02T16:00:00Z"],
      ["Three", "2026-03-03T14:00:00Z"],
    ] as const) {
      await publish(title);
      await clock.sleep(new Date(time).getTime() - clock.now().getTime());
      await run();
    }
    await deliver();
    assert.deepEqual(news("ada"), ["hour: Two", "hour: Three"]);
  }));

test("quiet hours hold all up; at their end comes one digest, with what was scheduled in them", () =>
  staged(async ({ subscribe, publish, give, at, news }) => {
    await give(await subscribe("ada"), nights);
    await give(await subscribe("ben"), {
      ...nights,
      breaking: true,
      delivery: "both",
      digest: { every: "day", at: ["06:00"] },
    });
    await at("2026-03-01T22:00:00Z");
    await publish("One");
    await publish("Fire", { breaking: true });
    await at("2026-03-01T23:00:00Z");
    assert.deepEqual([news("ada"), news("ben")], [[], ["Fire"]]);
    await at("2026-03-02T06:00:00Z");
    assert.deepEqual([news("ada"), news("ben")], [[], []]);
    await at("2026-03-02T07:00:00Z");
    assert.deepEqual([news("ada"), news("ben")], [["quiet: Fire, One"], ["quiet: Fire, One"]]);
    await publish("Two");
    await at("2026-03-02T07:00:01Z");
    assert.deepEqual([news("ada"), news("ben")], [["Two"], ["Two"]]);
  }));

test("a Crier that slept looks first whether it is quiet; what was held up meanwhile comes then", () =>
  staged(async ({ subscribe, publish, give, at, news, clock, deliver, settle }) => {
    await give(await subscribe("ada"), nights);
    const sleepUntil = async (iso: string): Promise<void> => {
      await clock.sleep(new Date(iso).getTime() - clock.now().getTime());
      await deliver();
    };
    await publish("One");
    await sleepUntil("2026-03-04T22:30:00Z");
    await publish("Two");
    await deliver();
    await settle();
    assert.deepEqual(news("ada"), [], "the plan ended days ago, and it is night");
    await at("2026-03-05T07:00:00Z");
    assert.deepEqual(news("ada"), ["quiet: Two, One"]);
    await publish("Three");
    await sleepUntil("2026-03-09T12:00:00Z");
    assert.deepEqual(news("ada"), []);
    await settle();
    assert.deepEqual(news("ada"), ["quiet: Three"]);
    await publish("Four");
    await deliver();
    assert.deepEqual(news("ada"), ["Four"]);
  }));

test("a plan that saw no Sabbath and ran out lets go what it held up", async () => {
  let ahead = false;
  const sabbaths: SabbathCalendar = {
    places: async () => [],
    async between(_place, _zone, since, until) {
      if (!ahead && until.getTime() - since.getTime() > 3 * 24 * 60 * minuteMs) throw new Error("It ends too soon.");
      return [];
    },
  };
  await staged(async ({ subscribe, publish, give, at, news, clock, deliver, settle }) => {
    await give(await subscribe("ada"), { sabbath: "Jerusalem" });
    await publish("One");
    await at("2026-03-03T12:00:01Z");
    assert.deepEqual(news("ada"), ["One"]);
    await clock.sleep(4 * 24 * 60 * minuteMs);
    await publish("Two");
    await deliver();
    assert.deepEqual(news("ada"), []);
    ahead = true;
    await settle();
    assert.deepEqual(news("ada"), ["quiet: Two"]);
  }, sabbaths);
});

test("on the night of the change of the clocks it is quiet as long as the clock on the wall says", () =>
  staged(
    async ({ subscribe, publish, give, at, news, clock }) => {
      // Israel: forward over 02:00 on 27 March 2026. The night has eight hours instead of nine.
      await at("2026-03-26T19:50:00Z");
      await give(await subscribe("ada"), nights);
      const came: string[] = [];
      for (let minutes = 0; minutes < 10 * 60; minutes += 10) {
        await publish(String(minutes));
        await at(new Date(clock.now().getTime() + 10 * minuteMs).toISOString());
        if (news("ada").length > 0) came.push(clock.now().toISOString().slice(11, 16));
      }
      assert.deepEqual(came.slice(0, 3), ["04:00", "04:10", "04:20"], "22:00 to 07:00 is 20:00 to 04:00 UTC");
    },
    none,
    "Asia/Jerusalem",
  ));

test("what is more than a chat takes in an hour comes in the digest of the next full hour", () =>
  staged(async ({ subscribe, publish, give, at, news }) => {
    await give(await subscribe("ada"), { perHour: 2 });
    for (const title of ["One", "Two", "Three", "Four"]) await publish(title);
    await at("2026-03-01T12:10:00Z");
    assert.deepEqual(news("ada"), ["One", "Two"]);
    await at("2026-03-01T12:59:00Z");
    assert.deepEqual(news("ada"), []);
    await at("2026-03-01T13:00:00Z");
    assert.deepEqual(news("ada"), ["overflow: Four, Three"]);
    await at("2026-03-01T14:00:00Z");
    await publish("Five");
    await at("2026-03-01T14:00:01Z");
    assert.deepEqual(news("ada"), ["Five"]);
  }));

test("a change of hours tells at once what was held, in one digest; a new hour keeps it", () =>
  staged(async ({ store, subscribe, publish, give, settle, at, news, clock }) => {
    const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
    for (const chat of [ada, ben]) await give(chat, daily);
    await publish("One");
    await publish("Two");
    await store.subscriptions.setPreferences(ada.id, {}, clock.now());
    await give(ben, { ...daily, digest: { every: "day", at: ["20:00"] } });
    await settle();
    assert.deepEqual([news("ada"), news("ben")], [["hour: Two, One"], []]);
    await at("2026-03-01T18:00:00Z");
    assert.deepEqual(news("ben"), []);
    await at("2026-03-01T20:00:00Z");
    assert.deepEqual(news("ben"), ["hour: Two, One"]);
  }));

test("where Sabbath cannot be calculated nothing goes out, the admins are told once a day, and it ends when it can", async () => {
  let isBroken = true;
  const sabbaths: SabbathCalendar = {
    places: async () => [],
    async between() {
      if (isBroken) throw new Error("The package is missing.");
      return [];
    },
  };
  await staged(async ({ subscribe, publish, give, at, news, told, states }) => {
    await give(await subscribe("ada"), { sabbath: "Jerusalem" });
    await publish("One");
    for (const hour of ["13", "14", "15", "16"]) await at(`2026-03-01T${hour}:00:01Z`);
    assert.deepEqual([news("ada"), await states()], [[], { held: 1 }]);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /Jerusalem.* cannot be calculated: The package is missing\. Nothing goes out/);
    isBroken = false;
    await at("2026-03-01T17:10:00Z");
    assert.deepEqual(news("ada"), ["quiet: One"]);
  }, sabbaths);
});

test("a digest is corrected where it is held: in its newest words, without what was taken back", () =>
  staged(async ({ store, subscribe, publish, give, at, news, clock, settle }) => {
    await give(await subscribe("ada"), daily);
    const [one, two] = [await publish("One"), await publish("Two")];
    await at("2026-03-01T18:00:00Z");
    assert.deepEqual(news("ada"), ["hour: Two, One"]);
    await clock.sleep(5 * minuteMs);
    await store.articles.revise(one.id, { ...one, title: "Won" }, { link: null, terms: [] }, clock.now());
    await store.outbox.add({ key: "one", lane: "digest", kind: "digest", article: one.id }, "holders", clock.now());
    await settle();
    assert.deepEqual(news("ada"), ["hour: Two, Won, corrected 18:05"]);
    await store.articles.retract(two.id, clock.now());
    await store.outbox.add({ key: "two", lane: "digest", kind: "digest", article: two.id }, "holders", clock.now());
    await settle();
    assert.deepEqual(news("ada"), ["hour: Won, withdrawn 18:05"]);
  }));

test("why tells what holds an article up, and in which digest it came", () =>
  staged(async ({ store, subscribe, publish, give, at }) => {
    const ada = await subscribe("ada");
    await give(ada, daily);
    const { id } = await publish("One");
    const why = async (): Promise<string> => {
      const [chat] = await store.why.chats(String(ada.id));
      assert.ok(chat);
      const told = await explain({ store, compilePattern, platforms: ["fake"], timeZone: "UTC" }, id, chat);
      return (told?.sentences ?? []).join("\n");
    };
    assert.match(await why(), /It is held\.\nIts next digest is made at 1 Mar 2026, 18:00:00\.$/);
    await at("2026-03-01T18:00:00Z");
    assert.match(
      await why(),
      /skipped at 1 Mar 2026, 18:00:00, never claimed\. It came in the digest of 1 Mar 2026, 18:00:00\.\nA digest with it was queued to be sent at 1 Mar 2026, 18:00:00, in the lane “digest”.*\n.*It was sent at/,
    );
  }));

for (const isDone of [false, true]) {
  test(`a process may die at each step of its digests, ${isDone ? "after" : "before"} it is done: each chat gets each article once`, async () => {
    let hasDied = true;
    let steps = 0;
    for (; hasDied && steps < 60; steps += 1) {
      await staged(async ({ store, subscribe, publish, give, clock, digester, at, news }) => {
        const names = ["ada", "ben", "cleo", "dan"];
        const all: Hours[] = [daily, { ...daily, zone: "UTC" }, nights, { ...nights, zone: "UTC" }];
        await clock.sleep(new Date("2026-03-01T17:00:00Z").getTime() - clock.now().getTime());
        for (const [index, name] of names.entries()) await give(await subscribe(name), all[index] ?? {});
        await publish("Before");
        const mortal = createMortalStore(store, { diesAt: steps, isDone });
        const doomed = digester(mortal);
        for (const time of ["18:00", "22:00", "22:01"]) {
          await clock.sleep(new Date(`2026-03-01T${time}:00Z`).getTime() - clock.now().getTime());
          if (time === "22:01") await publish("Night");
          await doomed.run(new AbortController().signal);
        }
        await clock.sleep(new Date("2026-03-02T07:00:00Z").getTime() - clock.now().getTime());
        await doomed.run(new AbortController().signal);
        hasDied = mortal.isDead();
        await at("2026-03-02T07:00:01Z");
        await at("2026-03-02T18:00:01Z");
        for (const name of names) {
          const titles = news(name).flatMap((text) => text.replace(/^\w+: /, "").split(", "));
          assert.deepEqual(titles.sort(), ["Before", "Night"], `${name} at step ${steps}`);
        }
      });
    }
    assert.ok(!hasDied && steps > 10, `${steps} steps`);
  });
}

test("a process that dies in the midst of one digest's chats loses none and tells none twice", () =>
  staged(async ({ store, subscribe, publish, give, clock, digester, settle, news, states }) => {
    const names = Array.from({ length: 520 }, (_, index) => `reader ${index}`);
    for (const name of names) await give(await subscribe(name), daily);
    for (let number = 0; number < 3; number += 1) await publish(`Story ${number}`);
    await clock.sleep(new Date("2026-03-01T18:00:00Z").getTime() - clock.now().getTime());
    // Two steps of planning, one of holding, the first part; it dies when the second one is through.
    await digester(createMortalStore(store, { diesAt: 4, isDone: true })).run(new AbortController().signal);
    assert.ok(((await states()).held ?? 0) > 0, "it died in the midst");
    await settle();
    for (const name of names) {
      const [digest, ...more] = news(name);
      assert.deepEqual([digest?.split(", ").length, more.length], [3, 0], name);
    }
    assert.deepEqual(await states(), { skipped: 1_560, sent: 520 });
  }));
