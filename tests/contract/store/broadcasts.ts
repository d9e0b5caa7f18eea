import assert from "node:assert/strict";
import { test } from "node:test";
import type { AudienceFilter, Author, Broadcast, BroadcastChange, Store } from "#core/ports";
import { type CreatePlace, minute, notice, now, type Scene, told, withScene } from "#tests/contract/store/place";

const edna: Author = { platform: "telegram", person: "1" };
const spans = [{ text: "מזל טוב", bold: true }, { text: " to all" }];
const text = "מזל טוב to all";

const draft = (store: Store, key = "call 1"): Promise<Broadcast> =>
  store.broadcasts.draft({ key, by: edna, spans, signature: "The Harbour Bell", audience: {}, dueAt: null }, now);

const step = (change: Pick<BroadcastChange, "step" | "from" | "to"> & Partial<BroadcastChange>): BroadcastChange => ({
  key: `${change.step} ${change.to}`,
  by: edna,
  ...change,
});

/** Begins a broadcast as core does: its state, its audience and its message in one transaction. */
async function begin({ store }: Pick<Scene, "store">, filter: AudienceFilter = {}, key = "call 1"): Promise<number> {
  const { id } = await draft(store, key);
  await store.transaction(async (tx) => {
    assert.ok(
      await tx.broadcasts.change(id, step({ step: "begun", from: ["draft"], to: "running", key: `${key} go` }), now),
    );
    await tx.broadcasts.freeze(id, filter, now);
    const message = { key: `broadcast:${id}`, lane: "broadcast", kind: "broadcast", spans, signature: null } as const;
    await tx.outbox.add({ ...message, broadcast: { id, action: "send" } }, "broadcast", now);
  });
  return id;
}

const fanOut = async (store: Store, at = now): Promise<void> => {
  while (!(await store.outbox.fanOut(1_000, at)));
};

const takeBack = async (store: Store, id: number): Promise<void> =>
  store.transaction(async (tx) => {
    await tx.outbox.steer(id, "dropped");
    const message = {
      key: `broadcast:${id}:recall`,
      lane: "broadcast",
      kind: "broadcast",
      spans,
      signature: null,
    } as const;
    await tx.outbox.add({ ...message, broadcast: { id, action: "recall" } }, "holders", now);
  });

export function describeBroadcasts(create: CreatePlace): void {
  test("a draft is kept as it was written, and the same call drafts it once", () =>
    withScene(create, async ({ store }) => {
      const audience = { platforms: ["telegram"], topic: "ספורט" };
      const whole = { key: "call 1", by: edna, spans, signature: "The Harbour Bell", audience, dueAt: minute(30) };
      const first = await store.broadcasts.draft(whole, now);
      assert.deepEqual(await store.broadcasts.draft({ ...whole, spans: [] }, minute(1)), first);
      assert.deepEqual(await store.broadcasts.get(first.id), {
        id: first.id,
        state: "draft",
        spans,
        signature: "The Harbour Bell",
        audience,
        dueAt: minute(30),
        chats: null,
        createdAt: now,
        begunAt: null,
      });
      assert.equal(await store.broadcasts.get(first.id + 1), null);
      const second = await draft(store, "call 2");
      assert.deepEqual(
        (await store.broadcasts.list(9)).map(({ id }) => id),
        [second.id, first.id],
      );
      assert.equal((await store.broadcasts.newestOf(edna))?.id, second.id);
      assert.equal(await store.broadcasts.newestOf({ platform: "whatsapp", person: "1" }), null);
    }));

  test("a step is taken from the right state only, once for a call, and is written down", () =>
    withScene(create, async ({ store }) => {
      const { id } = await draft(store);
      const { change } = store.broadcasts;
      const schedule = step({ step: "scheduled", from: ["draft"], to: "scheduled", dueAt: minute(5) });
      assert.equal(await change(id, step({ step: "paused", from: ["running"], to: "paused" }), now), false);
      assert.equal(await change(id, schedule, minute(1)), true);
      assert.equal(await change(id, { ...schedule, key: "again" }, minute(1)), false, "it is scheduled already");
      assert.equal((await store.broadcasts.get(id))?.dueAt?.getTime(), minute(5).getTime());
      assert.deepEqual(await store.broadcasts.due(minute(4)), []);
      assert.deepEqual(
        (await store.broadcasts.due(minute(5))).map((due) => due.id),
        [id],
      );
      const back = step({ step: "missed", from: ["scheduled"], to: "draft", by: null, note: "too late" });
      assert.equal(await change(id, back, minute(99)), true);
      assert.equal(await change(id, schedule, minute(99)), false, "this call was heard before");
      assert.equal(await change(id + 1, { ...schedule, key: "other" }, now), false, "there is no such broadcast");
      assert.deepEqual(await store.broadcasts.audit(id), [
        { step: "drafted", by: edna, note: null, at: now },
        { step: "scheduled", by: edna, note: null, at: minute(1) },
        { step: "missed", by: null, note: "too late", at: minute(99) },
      ]);
    }));

  test("of two who change it in the same moment one succeeds", () =>
    withScene(create, async ({ store, other }) => {
      const { id } = await draft(store);
      const stores = [store, await other(), store, await other()];
      const changed = await Promise.all(
        stores.map((each, index) =>
          each.broadcasts.change(id, step({ step: "begun", from: ["draft"], to: "running", key: `go ${index}` }), now),
        ),
      );
      assert.equal(changed.filter(Boolean).length, 1);
      assert.deepEqual(
        (await store.broadcasts.running()).map((running) => running.id),
        [id],
      );
    }));

  test("each audience is counted as it is sent to", () =>
    withScene(create, async (scene) => {
      const { store, place, subscribe, open } = scene;
      const ada = await subscribe("ada");
      await subscribe("ben");
      await subscribe("group", "group");
      await subscribe("channel", "channel");
      await subscribe("wa group", "group", "whatsapp");
      const closed = await subscribe("closed");
      await store.chats.close(closed.id, "It left.", now);
      const alone = await open("not subscribed");
      await store.subscriptions.setPreferences(ada.id, { topics: ["Sport"] }, now);
      const sport = (await store.subscriptions.wants()).filter(({ wants }) => wants.topics).map(({ id }) => id);
      const audiences: [AudienceFilter, string[]][] = [
        [{}, ["ada", "ben", "group", "channel", "wa group"]],
        [{ platforms: ["whatsapp"] }, ["wa group"]],
        [{ kinds: ["group", "channel"] }, ["group", "channel", "wa group"]],
        [{ platforms: ["telegram"], kinds: ["group"] }, ["group"]],
        [{ wants: sport }, ["ada"]],
        [{ wants: [] }, []],
        [{ platforms: [] }, []],
      ];
      for (const [index, [filter, members]] of audiences.entries()) {
        const counted = await store.broadcasts.count(filter);
        assert.equal(
          counted.reduce((sum, { count }) => sum + count, 0),
          members.length,
          JSON.stringify(filter),
        );
        const id = await begin(scene, filter, `audience ${index}`);
        assert.deepEqual((await store.broadcasts.get(id))?.chats, counted);
        const rows = await place.run(
          `select c.address from messages m join deliveries d on d.message_id = m.id join chats c on c.id = d.chat_id
           where m.broadcast_id = ${id} order by c.id`,
        );
        assert.deepEqual(
          rows.map(({ address }) => address),
          members,
        );
      }
      assert.deepEqual(await store.broadcasts.count({ chat: alone.id }), [{ platform: "telegram", count: 1 }]);
      assert.deepEqual(await store.broadcasts.count({ chat: closed.id }), []);
    }));

  test("the audience is frozen: who joins before its chunk is written does not get it, who leaves does not", () =>
    withScene(create, async (scene) => {
      const { store, place, crowd, subscribe, states } = scene;
      await crowd(5_000);
      const [leaver] = await Promise.all([subscribe("leaver")]);
      await subscribe("stayer");
      await place.run("update subscriptions set since = 1772366400000 + 3600000 where chat_id = 1");
      const id = await begin(scene);
      const late = (await store.chats.open({ platform: "telegram", address: "late", kind: "private" }, null, now)).chat;
      await store.subscriptions.begin(late.id, minute(61));
      await store.subscriptions.end(leaver.id, minute(61));
      await fanOut(store, minute(61));
      assert.deepEqual((await store.broadcasts.get(id))?.chats, [{ platform: "telegram", count: 5_002 }]);
      assert.deepEqual(await states(), { pending: 5_001 }, "a clock that was set back leaves nobody out");
    }));

  test("paused, nothing of it is claimed from that moment on; resumed, it goes on in its place", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, claim, drain, states } = scene;
      for (const name of ["ada", "ben", "cleo"]) await subscribe(name);
      const id = await begin(scene);
      const [underWay] = await claim(1);
      assert.ok(underWay);
      await store.outbox.steer(id, "held");
      assert.equal(await store.broadcasts.isTurning(), true);
      assert.deepEqual(await claim(), [], "before any row was brought to its course");
      await store.outbox.retry(underWay, now, "no route", true);
      assert.deepEqual(await claim(), [], "nor what comes back");
      await fanOut(store);
      assert.equal(await store.broadcasts.isTurning(), false);
      assert.deepEqual(await states(), { held: 3 });
      const later = await store.outbox.add(notice("later", "broadcast"), "subscribed", now);
      assert.ok(later);
      const ben = await claim(2);
      assert.deepEqual(told(ben), ["ada: later", "ben: later"], "what is held stops nothing else");
      for (const other of ben) await store.outbox.retry(other, now, "no route", false);
      await store.outbox.steer(id, "goes");
      await fanOut(store);
      assert.deepEqual(told(await drain()), [
        `ada: ${text}`,
        `ben: ${text}`,
        `cleo: ${text}`,
        "ada: later",
        "ben: later",
        "cleo: later",
      ]);
    }));

  test("paused in the middle of a fan-out, the rest is held too, and a chat that leaves is skipped", () =>
    withScene(create, async (scene) => {
      const { store, place, crowd, subscribe, states, claim } = scene;
      await crowd(5_000);
      const ada = await subscribe("ada");
      const ben = await subscribe("ben");
      const id = await begin(scene);
      await store.outbox.steer(id, "held");
      await fanOut(store);
      assert.deepEqual(await states(), { held: 5_002 });
      assert.equal(await store.broadcasts.isOver(id), false);
      await store.subscriptions.end(ada.id, now);
      await store.chats.close(ben.id, "It left.", now);
      await store.subscriptions.begin(ada.id, now);
      await store.outbox.steer(id, "goes");
      await fanOut(store);
      assert.deepEqual(await states(), { pending: 5_000, skipped: 2 });
      assert.equal((await claim(9)).length, 9);
      assert.equal(await store.broadcasts.isOver(id), false);
      await place.run("update deliveries set state = 'sent' where state in ('pending', 'sending')");
      assert.equal(await store.broadcasts.isOver(id), true);
    }));

  test("a held chat that is merged into another one is released with the rest", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, open, drain } = scene;
      await open("new", "group");
      const old = await subscribe("old", "group");
      const id = await begin(scene, { kinds: ["group"] });
      await store.outbox.steer(id, "held");
      await fanOut(store);
      await store.chats.move(old.id, "new", now);
      await store.outbox.steer(id, "goes");
      await fanOut(store);
      assert.deepEqual(told(await drain()), [`new: ${text}`]);
    }));

  test("a merge in the middle of a fan-out loses nothing and asks nobody beside the audience", () =>
    withScene(create, async (scene) => {
      const { store, crowd, subscribe, open, drain } = scene;
      await open("new", "private");
      await open("new group", "group");
      await crowd(5_000);
      const old = await subscribe("old", "private");
      const group = await subscribe("old group", "group");
      await begin(scene, { kinds: ["private"] });
      await store.chats.move(old.id, "new", now);
      await store.chats.move(group.id, "new group", now);
      await fanOut(store);
      const got = (await drain()).map(({ chat }) => chat.address).filter((address) => !address.startsWith("crowd"));
      assert.deepEqual(got, ["new"]);
    }));

  test("taken back: what waits is skipped, what was sent or may have been is recalled, and it is all counted", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, claim, drain, states } = scene;
      for (const name of ["sent", "unknown", "sending", "waiting"]) await subscribe(name);
      const id = await begin(scene);
      const [sent, unknown, sending] = await claim(3);
      assert.ok(sent && unknown && sending);
      await store.outbox.finish(sent, { state: "sent", receipt: { messageId: "7" } }, minute(1));
      await store.outbox.finish(unknown, { state: "unknown", reason: "The answer was lost." }, minute(2));
      await takeBack(store, id);
      const recalls = await claim();
      assert.deepEqual(
        recalls.map(({ chat, action, receipt, content }) => [chat.address, action, receipt, content.kind]),
        [
          ["sent", "recall", { messageId: "7" }, "broadcast"],
          ["unknown", "recall", null, "broadcast"],
        ],
        "what is under way is waited for",
      );
      await store.outbox.finish(sending, { state: "sent", receipt: { messageId: "8" } }, minute(3));
      const [last] = await claim();
      assert.deepEqual([last?.chat.address, last?.receipt], ["sending", { messageId: "8" }]);
      assert.ok(recalls[0] && recalls[1] && last);
      await store.outbox.finish(recalls[0], { state: "recalled" }, minute(4));
      await store.outbox.finish(recalls[1], { state: "skipped", reason: "No receipt." }, minute(4));
      await store.outbox.finish(last, { state: "failed", reason: "Too old." }, minute(5));
      await fanOut(store);
      assert.deepEqual(await drain(), []);
      assert.deepEqual(await states(), { sent: 1, unknown: 1, recalled: 2, skipped: 2, failed: 1 });
      const tally = (await store.broadcasts.tally(id)).map(({ action, platform, state, reason, count, lastAt }) => [
        action,
        platform,
        state,
        reason,
        count,
        lastAt?.getTime(),
      ]);
      assert.deepEqual(
        tally.map((row) => row.join("|")).sort(),
        [
          `recall|telegram|failed|Too old.|1|${minute(5).getTime()}`,
          `recall|telegram|recalled||1|${minute(4).getTime()}`,
          `recall|telegram|skipped|No receipt.|1|${minute(4).getTime()}`,
          `send|telegram|recalled||1|${minute(1).getTime()}`,
          `send|telegram|sent||1|${minute(3).getTime()}`,
          `send|telegram|skipped|The broadcast was stopped before this chat's turn came.|1|${now.getTime()}`,
          `send|telegram|unknown|The answer was lost.|1|${minute(2).getTime()}`,
        ].sort(),
      );
    }));

  test("dropped while it was held and its fan-out unfinished, nothing of it is left", () =>
    withScene(create, async (scene) => {
      const { store, crowd, states, drain } = scene;
      await crowd(5_010);
      const id = await begin(scene);
      await store.outbox.steer(id, "held");
      assert.equal(await store.outbox.fanOut(2_000, now), false);
      await takeBack(store, id);
      assert.deepEqual(await drain(), []);
      await fanOut(store);
      assert.deepEqual(await states(), { skipped: 5_010 });
      assert.equal(await store.broadcasts.isOver(id), true);
    }));

  test("steered while its rows are claimed by others, none is lost and none is taken twice", () =>
    withScene(create, async (scene) => {
      const { store, other, crowd } = scene;
      await crowd(600);
      const id = await begin(scene);
      const second = await other();
      const claimed: number[] = [];
      const couriers = [store, second].map(async (each) => {
        for (let round = 0; round < 60; round += 1) {
          for (const delivery of await each.outbox.claim("telegram", 7, [], now)) {
            claimed.push(delivery.chat.id);
            await each.outbox.finish(delivery, { state: "sent", receipt: { messageId: "1" } }, now);
          }
        }
      });
      const editor = (async () => {
        for (let round = 0; round < 6; round += 1) {
          await second.outbox.steer(id, "held");
          await store.outbox.fanOut(100, now);
          await store.outbox.steer(id, "goes");
          await second.outbox.fanOut(100, now);
        }
        await fanOut(store);
      })();
      await Promise.all([...couriers, editor]);
      await fanOut(store);
      claimed.push(...(await scene.drain()).map(({ chat }) => chat.id));
      assert.equal(claimed.length, 600);
      assert.equal(new Set(claimed).size, 600);
      assert.equal(await store.broadcasts.isOver(id), true);
    }));
}
