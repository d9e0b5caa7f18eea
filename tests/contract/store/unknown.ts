import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClaimedDelivery } from "#core/model";
import type { Proof, Store, UnknownDelivery } from "#core/ports";
import {
  broadcast,
  type CreatePlace,
  minute,
  notice,
  now,
  type Scene,
  taken,
  told,
  withScene,
} from "#tests/contract/store/place";

const receipt = { messageId: "7" };
const found: Proof = { kind: "found", receipt };
const absent = (at: Date): Proof => ({ kind: "absent", notBefore: at, reason: "It had not arrived." });
const undecided: Proof = { kind: "undecided", reason: "Nobody knows." };
const everyTime = new Date(8.64e15);

/** Claims one delivery and loses its answer a minute later; looked at from minute 2 on. */
async function lose({ store, claimOne }: Scene, at = now): Promise<ClaimedDelivery> {
  const claimed = await claimOne(at);
  await store.outbox.finish(claimed, { state: "unknown", reason: "Lost.", lookAt: minute(2) }, minute(1));
  return claimed;
}

const lookAt = (store: Store, at = minute(2), resting: number[] = []): Promise<UnknownDelivery[]> =>
  store.outbox.unknown.due("telegram", 9, resting, at);

async function onlyLook(store: Store, at = minute(2)): Promise<UnknownDelivery> {
  const [looked, ...others] = await lookAt(store, at);
  assert.ok(looked && others.length === 0, "one delivery is to be looked at");
  return looked;
}

export function describeUnknown(create: CreatePlace): void {
  test("what was lost is looked at when its time has come, with all that its bot needs", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish } = scene;
      await subscribe("ada");
      await publish("One");
      assert.equal(await store.outbox.unknown.nextLook("telegram"), null);
      const claimed = await lose(scene);
      assert.deepEqual(await store.outbox.unknown.nextLook("telegram"), minute(2));
      assert.equal(await store.outbox.unknown.nextLook("whatsapp"), null);
      assert.deepEqual(await lookAt(store, minute(1)), []);
      assert.deepEqual(await onlyLook(store), { ...claimed, claimedAt: now, lostAt: minute(1), wasResent: false });
    }));

  test("what arrived is sent, at the time of its call, and can be corrected", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, claimOne, states } = scene;
      await subscribe("ada");
      const id = await publish("One");
      await lose(scene);
      assert.equal(await store.outbox.unknown.prove(await onlyLook(store), found, minute(5)), true);
      assert.deepEqual(await states(), { sent: 1 });
      const [view] = await store.outbox.recent(1);
      assert.deepEqual([view?.state, view?.reason, view?.endedAt], ["sent", null, now]);
      assert.equal(await store.outbox.unknown.nextLook("telegram"), null);
      await correct(id, "Won");
      assert.deepEqual((await claimOne()).receipt, receipt);
    }));

  test("what did not arrive waits at its old place, and counts as a try", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, claim, drain } = scene;
      await subscribe("ada");
      await publish("One");
      await publish("Two");
      await lose(scene);
      await store.outbox.unknown.prove(await onlyLook(store), absent(minute(3)), minute(2));
      assert.deepEqual(await claim(9, minute(2)), [], "Two is held up by One");
      const [again] = await claim(9, minute(3));
      assert.equal(again?.attempts, 1);
      await store.outbox.finish(taken(again), { state: "sent", receipt }, minute(3));
      assert.deepEqual(told(await drain(minute(3))), ["ada: Two"]);
    }));

  test("what is sent again although nobody knows bears the mark of it", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, states } = scene;
      await subscribe("ada");
      await publish("Fire", { breaking: true });
      await lose(scene);
      const again: Proof = { kind: "resent", reason: "It may have arrived before." };
      await store.outbox.unknown.prove(await onlyLook(store), again, minute(2));
      assert.equal((await store.outbox.recent(1))[0]?.reason, "It may have arrived before.");
      await lose(scene, minute(2));
      assert.equal((await onlyLook(store)).wasResent, true);
      await store.outbox.unknown.prove(await onlyLook(store), undecided, minute(3));
      assert.deepEqual(await lookAt(store, minute(99)), []);
      assert.deepEqual(await states(), { unknown: 1 });
    }));

  test("a look that told nothing is made again later; one that failed for good ends it", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish } = scene;
      await subscribe("ada");
      await publish("One");
      await lose(scene);
      const looked = await onlyLook(store);
      await store.outbox.unknown.prove(looked, { kind: "later", lookAt: minute(8) }, minute(2));
      assert.deepEqual(await lookAt(store, minute(7)), []);
      assert.deepEqual((await onlyLook(store, minute(8))).lostAt, minute(1));
      await store.outbox.unknown.prove(looked, { kind: "failed", reason: "The chat is gone." }, minute(8));
      const [view] = await store.outbox.recent(1);
      assert.deepEqual([view?.state, view?.reason, view?.endedAt], ["failed", "The chat is gone.", minute(8)]);
    }));

  test("a look counts only while nothing else has become of its delivery", () =>
    withScene(create, async (scene) => {
      const { store, other, subscribe, publish, claimOne, states } = scene;
      const second = await other();
      await subscribe("ada");
      await publish("One");
      await lose(scene);
      const looked = await onlyLook(store);
      assert.equal(await second.outbox.unknown.prove(looked, absent(minute(2)), minute(2)), true);
      assert.equal(await store.outbox.unknown.prove(looked, found, minute(2)), false, "it waits");
      const again = await claimOne(minute(3));
      assert.equal(await store.outbox.unknown.prove(looked, absent(minute(3)), minute(3)), false, "it is under way");
      await store.outbox.finish(again, { state: "unknown", reason: "Lost.", lookAt: minute(5) }, minute(4));
      assert.equal(
        await store.outbox.unknown.prove(looked, absent(minute(5)), minute(5)),
        false,
        "that was another try",
      );
      await store.outbox.finish(again, { state: "sent", receipt }, minute(5));
      assert.deepEqual(await lookAt(store, minute(9)), [], "a late answer is better than a look");
      assert.deepEqual(await states(), { sent: 1 });
    }));

  test("later messages of its chat and lane wait for it, ten minutes at most; others do not", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, claim, drain } = scene;
      const ada = await subscribe("ada");
      await publish("One");
      await lose(scene);
      await subscribe("ben");
      await publish("Two");
      await store.outbox.add(notice("in a higher lane"), { chat: ada.id }, now);
      await store.outbox.add(notice("in a lower lane", "digest"), { chat: ada.id }, now);
      const before = told(await drain(minute(10)));
      assert.deepEqual(before.sort(), ["ada: in a higher lane", "ada: in a lower lane", "ben: Two"]);
      assert.deepEqual(await claim(9, minute(10)), []);
      assert.deepEqual(told(await drain(minute(11))), ["ada: Two"]);
    }));

  test("a clock that went back makes nobody wait for hours", () =>
    withScene(create, async (scene) => {
      const { subscribe, publish, drain } = scene;
      await subscribe("ada");
      await publish("One");
      await publish("Two");
      await lose(scene);
      assert.deepEqual(told(await drain(minute(-8))), []);
      assert.deepEqual(told(await drain(minute(-60))), ["ada: Two"]);
    }));

  test("a message of a higher lane that waits for a look lets the lower lanes go", () =>
    withScene(create, async (scene) => {
      const { subscribe, publish, drain } = scene;
      await subscribe("ada");
      await publish("Fire", { breaking: true });
      await lose(scene);
      await publish("Flood", { breaking: true });
      await publish("One");
      assert.deepEqual(told(await drain(minute(1))), ["ada: One"]);
    }));

  test("an undecided one holds nobody up", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, drain } = scene;
      await subscribe("ada");
      await publish("One");
      await publish("Two");
      await lose(scene);
      await store.outbox.unknown.prove(await onlyLook(store), undecided, minute(2));
      assert.deepEqual(told(await drain(minute(2))), ["ada: Two"]);
    }));

  test("a correction waits for as long as it is looked at whether there is anything to correct", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, claim, claimOne } = scene;
      await subscribe("ada");
      const id = await publish("One");
      await lose(scene);
      await correct(id, "Won");
      assert.deepEqual(await claim(9, minute(60)), []);
      await store.outbox.unknown.prove(await onlyLook(store), found, minute(60));
      const correction = await claimOne(minute(60));
      assert.deepEqual([correction.action, correction.receipt], ["correct", receipt]);
    }));

  test("what turns out not to have arrived is told in its newest words, and needs no correction", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, drain, states } = scene;
      await subscribe("ada");
      const id = await publish("One");
      await lose(scene);
      await correct(id, "Won");
      await store.outbox.unknown.prove(await onlyLook(store), absent(minute(2)), minute(2));
      assert.deepEqual(told(await drain(minute(2))), ["ada: Won"]);
      assert.deepEqual(await states(), { sent: 1, skipped: 1 });
    }));

  test("one look for each chat, none where the chat rests or a call is under way, the urgent first", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, claimOne } = scene;
      const ada = await subscribe("ada");
      await publish("One");
      await lose(scene);
      await store.outbox.add(notice("hello"), { chat: ada.id }, now);
      await lose(scene);
      const ben = await subscribe("ben");
      await publish("Fire", { breaking: true });
      await lose(scene);
      await lose(scene);
      const looked = await lookAt(store);
      assert.deepEqual(told(looked), ["ada: Fire", "ben: Fire"]);
      assert.deepEqual(told(await lookAt(store, minute(2), [ben.id])), ["ada: Fire"]);
      assert.equal((await store.outbox.unknown.due("telegram", 1, [], minute(2))).length, 1);
      await publish("Two");
      assert.deepEqual(told([await claimOne(minute(2))]), ["ben: Two"]);
      assert.deepEqual(told(await lookAt(store)), ["ada: Fire"]);
    }));

  test("a call that a process left under way may be on its way for as long as it may take", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, states }) => {
      for (const name of ["a", "b", "c"]) await subscribe(name);
      await publish("One");
      await claimOne(minute(0));
      await claimOne(minute(6));
      const kept = await claimOne(minute(7));
      const call = { callMs: 2 * 60_000, except: [kept.id] };
      assert.equal(await store.outbox.abandon("telegram", "Crier ended.", minute(7), everyTime, call), 2);
      assert.deepEqual(await states(), { sending: 1, unknown: 2 });
      assert.deepEqual(told(await lookAt(store, minute(4))), ["a: One"], "its call ended at minute 2");
      assert.deepEqual(told(await lookAt(store, minute(8))), ["a: One"]);
      assert.deepEqual(told(await lookAt(store, minute(9))), ["a: One", "b: One"], "its call ended with its process");
    }));

  test("pacing remembers what is under way by when it was claimed", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne }) => {
      const ada = await subscribe("ada");
      await subscribe("ben");
      await publish("One");
      await claimOne(minute(3));
      await claimOne(minute(1));
      assert.deepEqual(await store.outbox.sentSince("telegram", minute(2)), [{ chat: ada, at: minute(3) }]);
    }));

  test("a correction that a process left under way is made again: twice is once", () =>
    withScene(create, async ({ store, subscribe, publish, correct, drain, claimOne, states }) => {
      await subscribe("ada");
      const id = await publish("One");
      await drain();
      await correct(id, "Won");
      const correction = await claimOne(minute(1));
      assert.equal(await store.outbox.abandon("telegram", "Crier ended.", minute(2), everyTime), 0);
      assert.deepEqual(await states(), { sent: 1, pending: 1 });
      const again = await claimOne(minute(2));
      assert.deepEqual([again.id, again.action, again.attempts], [correction.id, "correct", 1]);
    }));

  test("a person decides what nobody knows: sent again or let be, each once, and nothing else", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, drain } = scene;
      for (const name of ["a", "b", "c", "d"]) await subscribe(name);
      await publish("One");
      const [a, b, c] = [await lose(scene), await lose(scene), await lose(scene)];
      for (const looked of (await lookAt(store)).slice(0, 2)) {
        await store.outbox.unknown.prove(looked, undecided, minute(2));
      }
      const { unknown } = store.outbox;
      assert.deepEqual(
        (await unknown.list(9)).map(({ chat, isUndecided }) => [chat.address, isUndecided]),
        [
          ["c", false],
          ["b", true],
          ["a", true],
        ],
      );
      assert.equal((await unknown.list(1)).length, 1);
      assert.deepEqual(await unknown.decide([a.id, c.id, 9_999], "send", minute(3)), [a.id]);
      assert.deepEqual(await unknown.decide([a.id, b.id], "drop", minute(3)), [b.id]);
      assert.deepEqual(told(await drain(minute(3))), ["a: One", "d: One"]);
      const dropped = (await store.outbox.recent(9)).find(({ id }) => id === b.id);
      assert.deepEqual([dropped?.state, dropped?.endedAt], ["skipped", minute(3)]);
      assert.match(dropped?.reason ?? "", /may or may not have arrived/);
    }));

  test("what was lost without a time to look at it is for a person to decide", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne }) => {
      await subscribe("ada");
      await publish("One");
      const claimed = await claimOne();
      const { id } = claimed;
      await store.outbox.finish(claimed, { state: "unknown", reason: "Lost." }, now);
      assert.deepEqual(await lookAt(store, minute(99)), []);
      assert.deepEqual(
        (await store.outbox.unknown.list(9)).map(({ isUndecided }) => isUndecided),
        [true],
      );
    }));

  test("the undecided are counted without word to the admins, under a mark of their own", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish } = scene;
      const ada = await subscribe("ada");
      const { unknown } = store.outbox;
      const nothing = await unknown.undecided("telegram");
      assert.equal(nothing.count, 0);
      await store.outbox.add(notice("word:1:hello"), { chat: ada.id }, now);
      await lose(scene);
      await unknown.prove(await onlyLook(store), undecided, minute(2));
      assert.deepEqual(await unknown.undecided("telegram"), nothing);
      await publish("One");
      await lose(scene, minute(3));
      await unknown.prove(await onlyLook(store), undecided, minute(4));
      const one = await unknown.undecided("telegram");
      assert.equal(one.count, 1);
      assert.notEqual(one.mark, nothing.mark);
      assert.deepEqual(await unknown.undecided("telegram"), one);
    }));

  test("what became of the unknown is counted for each platform", () =>
    withScene(create, async (scene) => {
      const { store, subscribe } = scene;
      const { unknown } = store.outbox;
      assert.deepEqual(await unknown.counts(), []);
      for (const name of ["a", "b", "c", "d", "e", "f"]) await subscribe(name);
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      for (let lost = 0; lost < 6; lost += 1) await lose(scene);
      const proofs: Proof[] = [found, absent(now), { kind: "resent", reason: "" }, undecided, undecided];
      const looked = await lookAt(store);
      for (const [index, proof] of proofs.entries()) {
        const one = looked[index];
        assert.ok(one && (await unknown.prove(one, proof, minute(2))));
      }
      await unknown.decide([looked[4]?.id ?? 0], "drop", minute(3));
      assert.deepEqual(
        (await unknown.counts()).map(({ platform, outcome, count }) => `${platform} ${outcome} ${count}`).sort(),
        ["absent", "dropped", "found", "looked-at", "resent", "undecided"].map((outcome) => `telegram ${outcome} 1`),
      );
    }));
}
