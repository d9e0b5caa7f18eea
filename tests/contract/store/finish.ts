import assert from "node:assert/strict";
import { test } from "node:test";
import { NotUnderWay } from "#core/errors";
import { type CreatePlace, minute, notice, now, taken, told, withScene } from "#tests/contract/store/place";

export function describeFinish(create: CreatePlace): void {
  test("each outcome is kept with its reason and its time", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      for (const name of ["a", "b", "c", "d", "e"]) await subscribe(name);
      await publish("One");
      const outcomes = [
        { state: "sent", receipt: { messageId: "1" } },
        { state: "failed", reason: "Refused." },
        { state: "skipped", reason: "Not wanted." },
        { state: "unknown", reason: "The answer was lost." },
        { state: "recalled" },
      ] as const;
      for (const [index, claimed] of (await claim()).entries()) {
        await store.outbox.finish(claimed, outcomes[index] ?? { state: "recalled" }, minute(1));
      }
      assert.deepEqual(
        (await store.outbox.recent(10)).map(({ state, reason, endedAt }) => [state, reason, endedAt]),
        [
          ["recalled", null, minute(1)],
          ["unknown", "The answer was lost.", minute(1)],
          ["skipped", "Not wanted.", minute(1)],
          ["failed", "Refused.", minute(1)],
          ["sent", null, minute(1)],
        ],
      );
      assert.deepEqual(await claim(10, minute(9)), [], "none of them is claimed again");
    }));

  test("only what is under way can end or be put back; a late proof mends what was given up", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, states }) => {
      await subscribe("ada");
      await publish("One");
      const waiting = { id: (await store.outbox.recent(1))[0]?.id ?? 0, claimedAt: now };
      const sent = { state: "sent", receipt: { messageId: "1" } } as const;
      await assert.rejects(store.outbox.finish(waiting, sent, now), /not under way/);
      await assert.rejects(store.outbox.retry(waiting, now, "", true), /not under way/);
      const claimed = await claimOne();
      await store.outbox.abandon("telegram", "Crier ended.", now, minute(1));
      await assert.rejects(
        store.outbox.finish(claimed, { state: "unknown", reason: "The answer was lost." }, now),
        /not under way/,
        "a lost answer proves nothing",
      );
      await store.outbox.finish(claimed, sent, now);
      assert.deepEqual(await states(), { sent: 1 });
      await assert.rejects(store.outbox.finish(claimed, sent, now), /not under way/);
    }));

  test("what is said of a try counts only while there was no other, whatever the clocks of two machines say", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, states }) => {
      await subscribe("ada");
      await publish("One");
      const sent = { state: "sent", receipt: { messageId: "1" } } as const;
      const first = await claimOne(minute(5));
      await store.outbox.retry(first, now, "No route.", true);
      // The second machine's clock is five minutes slow.
      const second = await claimOne(minute(0));
      assert.equal(second.id, first.id);
      assert.ok(second.claimedAt > first.claimedAt);
      await assert.rejects(store.outbox.finish(first, sent, now), /not under way/);
      await assert.rejects(store.outbox.retry(first, now, "", true), /not under way/);
      assert.deepEqual(await states(), { sending: 1 });
      await store.outbox.abandon("telegram", "Crier ended.", minute(9), minute(9));
      await assert.rejects(store.outbox.finish(first, sent, now), /not under way/);
      await store.outbox.retry(second, now, "Nothing was sent.", false);
      assert.deepEqual(await states(), { pending: 1 });
      const third = await claimOne(minute(5));
      await assert.rejects(store.outbox.finish(second, sent, now), /not under way/);
      await store.outbox.finish(third, sent, now);
      assert.deepEqual(await states(), { sent: 1 });
    }));

  test("a delivery put back waits until its time, and counts only real tries", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, claim }) => {
      await subscribe("ada");
      await publish("One");
      const first = await claimOne();
      await store.outbox.retry(first, minute(1), "A pause was asked for.", false);
      const [view] = await store.outbox.recent(1);
      assert.deepEqual([view?.state, view?.reason, view?.endedAt], ["pending", "A pause was asked for.", null]);
      assert.deepEqual(await claim(1, now), []);
      const second = await claimOne(minute(1));
      assert.deepEqual([second.id, second.attempts], [first.id, 0]);
      await store.outbox.retry(second, minute(2), "No route.", true);
      assert.equal((await claimOne(minute(2))).attempts, 1);
    }));

  test("what an ended process left under way is unknown, on its platform alone", () =>
    withScene(create, async ({ place, store, subscribe, publish, claim, states }) => {
      for (const name of ["a", "b", "c"]) await subscribe(name);
      await subscribe("group", "group", "whatsapp");
      await publish("One");
      await claim(2);
      await store.outbox.claim("whatsapp", 2, [], now);
      const next = await place.open();
      try {
        assert.equal(
          await next.outbox.abandon("telegram", "Too early.", minute(1), now),
          0,
          "a lease holds until its end",
        );
        assert.equal(await next.outbox.abandon("telegram", "Crier ended.", minute(1), minute(1)), 2);
        assert.equal(await next.outbox.abandon("telegram", "Crier ended.", minute(1), minute(1)), 0);
        assert.deepEqual(await states(), { pending: 1, sending: 1, unknown: 2 });
        const lost = (await next.outbox.recent(9)).find(({ state }) => state === "unknown");
        assert.deepEqual([lost?.reason, lost?.endedAt], ["Crier ended.", minute(1)]);
      } finally {
        await next.close();
      }
    }));

  test("the next due time is the earliest one later than the time given", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      for (const name of ["a", "b", "c"]) await subscribe(name);
      assert.equal(await store.outbox.nextDue("telegram", now), null);
      await publish("One");
      assert.equal(await store.outbox.nextDue("telegram", now), null, "what is due already becomes due no more");
      const [a, b] = await claim();
      await store.outbox.retry(taken(a), minute(7), "", true);
      await store.outbox.retry(taken(b), minute(3), "", true);
      assert.deepEqual(await store.outbox.nextDue("telegram", now), minute(3));
      assert.deepEqual(await store.outbox.nextDue("telegram", minute(3)), minute(7));
      assert.equal(await store.outbox.nextDue("telegram", minute(7)), null);
      assert.equal(await store.outbox.nextDue("whatsapp", now), null);
    }));

  test("pacing learns what chats got since a time, once for each send, and what they may have got", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne }) => {
      const ada = await subscribe("ada");
      const end = async (at: number, state: "sent" | "unknown" | "failed"): Promise<void> => {
        const claimed = await claimOne();
        const outcome = state === "sent" ? { state, receipt: { messageId: "1" } } : { state, reason: "" };
        await store.outbox.finish(claimed, outcome, minute(at));
      };
      for (const title of ["One", "Two", "Three", "Four", "Five"]) await publish(title);
      await end(1, "sent");
      await end(3, "sent");
      await end(2, "unknown");
      await end(4, "failed");
      assert.deepEqual(await store.outbox.sentSince("telegram", minute(2)), [
        { chat: ada, at: minute(2) },
        { chat: ada, at: minute(3) },
      ]);
      assert.deepEqual(await store.outbox.sentSince("whatsapp", minute(0)), []);
    }));

  test("counts are for each platform and state", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      assert.deepEqual(await store.outbox.counts(), []);
      for (const name of ["a", "b"]) await subscribe(name);
      await subscribe("group", "group", "whatsapp");
      await publish("One");
      await claim(1);
      assert.deepEqual(await store.outbox.counts(), [
        { platform: "telegram", state: "pending", count: 1 },
        { platform: "telegram", state: "sending", count: 1 },
        { platform: "whatsapp", state: "pending", count: 1 },
      ]);
    }));

  test("the newest deliveries come first, with what people look for", () =>
    withScene(create, async ({ store, subscribe, publish }) => {
      const ada = await subscribe("ada");
      const id = await publish("One", { breaking: true });
      await store.outbox.add(notice("hello"), { chat: ada.id }, minute(1));
      const [second, first] = await store.outbox.recent(5);
      const same = { chat: ada, state: "pending", reason: null, endedAt: null };
      assert.deepEqual(first, {
        id: first?.id,
        key: `article:${id}`,
        lane: "breaking",
        title: "One",
        queuedAt: now,
        ...same,
      });
      assert.deepEqual(second, {
        id: second?.id,
        key: "hello",
        lane: "reply",
        title: null,
        queuedAt: minute(1),
        ...same,
      });
      assert.equal((await store.outbox.recent(1)).length, 1);
    }));

  test("what was queued and sent outlives the process", () =>
    withScene(create, async ({ place, store, subscribe, publish, correct, claimOne }) => {
      await subscribe("ada");
      const id = await publish("One");
      const delivery = await claimOne();
      await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: "7", album: "3" } }, now);
      await correct(id, "Won");
      await store.close();
      await store.close();
      const next = await place.open();
      try {
        const [correction] = await next.outbox.claim("telegram", 5, [], now);
        assert.deepEqual(correction?.receipt, { messageId: "7", album: "3" });
        assert.deepEqual(told(correction ? [correction] : []), ["ada: Won"]);
      } finally {
        await next.close();
      }
    }));

  test("those that end at the same time are each written as they ended, and one that cannot be fails alone", () =>
    withScene(create, async ({ store, crowd, publish, claim, place }) => {
      await crowd(40);
      await publish("One");
      const claimed = await claim();
      assert.equal(claimed.length, 40);
      const ends = claimed.map((delivery, index) =>
        [
          () => store.outbox.finish(delivery, { state: "sent", receipt: { messageId: `m${delivery.id}` } }, minute(1)),
          () => store.outbox.finish(delivery, { state: "failed", reason: `It was refused: ${delivery.id}` }, minute(2)),
          () => store.outbox.finish(delivery, { state: "skipped", reason: `Not wanted: ${delivery.id}` }, minute(3)),
          () => store.outbox.finish(delivery, { state: "unknown", reason: "No answer.", lookAt: minute(9) }, minute(4)),
        ][index % 4]?.(),
      );
      const [first, lost] = [claimed[0], claimed[3]];
      assert.ok(first && lost);
      const proven = store.outbox.finish(lost, { state: "sent", receipt: { messageId: "proven" } }, minute(5));
      const again = store.outbox.finish(lost, { state: "failed", reason: "Too late." }, minute(6));
      const never = store.outbox.finish(
        { ...lost, id: 9_999 },
        { state: "failed", reason: "It was never claimed." },
        now,
      );
      const broken = store.outbox.finish(first, { state: "failed", reason: "" }, new Date(Number.NaN));
      await Promise.all([
        ...ends,
        proven,
        assert.rejects(again, NotUnderWay),
        assert.rejects(never, NotUnderWay),
        assert.rejects(broken, RangeError),
      ]);
      const rows = await place.run("select id, state, reason, receipt, ended_at, look_at from deliveries order by id");
      const at = (count: number): number => minute(count).getTime();
      const expected = claimed.map(({ id }, index) => {
        if (id === lost.id) return [id, "sent", null, '{"messageId":"proven"}', at(5), null];
        return [
          [id, "sent", null, `{"messageId":"m${id}"}`, at(1), null],
          [id, "failed", `It was refused: ${id}`, null, at(2), null],
          [id, "skipped", `Not wanted: ${id}`, null, at(3), null],
          [id, "unknown", "No answer.", null, at(4), at(9)],
        ][index % 4];
      });
      const whole = (value: unknown) => (value === null ? null : Number(value));
      assert.deepEqual(
        rows.map((row) => [
          Number(row.id),
          row.state,
          row.reason,
          row.receipt,
          whole(row.ended_at),
          whole(row.look_at),
        ]),
        expected,
      );
    }));
}
