import assert from "node:assert/strict";
import { test } from "node:test";
import { eraseChat } from "#core/erase";
import type { Author, Hold, Store } from "#core/ports";
import { article, type CreatePlace, minute, noKeys, now, type Scene, withScene } from "#tests/contract/store/place";

const edna: Author = { platform: "whatsapp", person: "972501234567@c.us" };
const hold = (change: Partial<Hold> = {}): Hold => ({
  reviewed: true,
  watched: null,
  embargoUntil: null,
  preflight: null,
  editors: 1,
  approvals: 0,
  expiresAt: minute(60),
  ...change,
});

const add = async ({ store, feed }: Pick<Scene, "store" | "feed">, title: string): Promise<number> =>
  (await store.articles.add(feed.id, article(title), noKeys, now)).id;

const ids = (held: { article: { id: number } }[]): number[] => held.map(({ article: { id } }) => id);

const audit = (store: Store, id: number, key: string, change: object = {}): Promise<boolean> =>
  store.audit.write({ article: id, step: "approved", key, by: edna, ...change }, now);

export function describeDesk(create: CreatePlace): void {
  test("what waits is kept as it was given, once, and marked on its article", () =>
    withScene(create, async (scene) => {
      const { store } = scene;
      const id = await add(scene, "One");
      const whole = hold({
        watched: "פצצה",
        embargoUntil: minute(5),
        preflight: { looks: 2, problem: "its page answers 404", nextAt: minute(1) },
        editors: 2,
      });
      await store.desk.hold(id, whole, now);
      await store.desk.hold(id, hold(), minute(1));
      const held = await store.desk.held(id);
      assert.ok(held);
      const { article: kept, since, ...rest } = held;
      assert.deepEqual(rest, whole);
      assert.deepEqual([kept.id, kept.title, kept.desk, since], [id, "One", "held", now]);
      assert.deepEqual([ids(await store.desk.list(9)), await store.desk.count()], [[id], 1]);
      assert.deepEqual(await store.articles.latest(9), [], "readers do not see it");
      const changed = hold({ approvals: 1, preflight: null, expiresAt: null });
      await store.desk.change({ ...held, ...changed });
      assert.equal((await store.desk.held(id))?.expiresAt, null);
      assert.equal(await store.desk.end(id, null), true);
      assert.equal(await store.desk.end(id, "dropped"), false, "it is decided");
      assert.equal((await store.articles.get(id))?.desk, null);
      assert.equal(await store.desk.held(id), null);
      await store.desk.change({ ...held, ...changed });
      assert.equal(await store.desk.held(id), null, "what does not wait is not brought back");
    }));

  test("due is what waits for nothing any more, and what nobody decided about in time", () =>
    withScene(create, async (scene) => {
      const { store } = scene;
      const holds: Record<string, Hold> = {
        undecided: hold(),
        approved: hold({ approvals: 1 }),
        "approved for later": hold({ approvals: 1, embargoUntil: minute(10), expiresAt: null }),
        "half approved": hold({ approvals: 1, editors: 2, expiresAt: minute(20) }),
        dated: hold({ editors: 0, embargoUntil: minute(5), expiresAt: null }),
        unseen: hold({ editors: 0, preflight: { looks: 0, problem: null, nextAt: minute(3) }, expiresAt: null }),
        "given up": hold({ preflight: { looks: 8, problem: "404", nextAt: null }, expiresAt: minute(30) }),
      };
      const named = new Map<number, string>();
      for (const [name, one] of Object.entries(holds)) {
        const id = await add(scene, name);
        named.set(id, name);
        await store.desk.hold(id, one, now);
      }
      const due = async (at: Date): Promise<string[]> =>
        ids(await store.desk.due(at, 99)).map((id) => named.get(id) ?? "");
      assert.deepEqual(await due(now), ["approved"]);
      assert.deepEqual(await due(minute(5)), ["approved", "dated"]);
      assert.deepEqual(await due(minute(10)), ["approved", "approved for later", "dated"]);
      assert.deepEqual(await due(minute(20)), ["approved", "approved for later", "half approved", "dated"]);
      assert.ok((await due(minute(30))).includes("given up"));
      assert.ok((await due(minute(60))).includes("undecided"));
      assert.ok(!(await due(minute(9_999))).includes("unseen"));
      assert.equal((await store.desk.due(minute(60), 2)).length, 2);
      assert.deepEqual(ids(await store.desk.toCheck(minute(2), 9)), []);
      assert.deepEqual(
        ids(await store.desk.toCheck(minute(3), 9)).map((id) => named.get(id)),
        ["unseen"],
      );
    }));

  test("of two who decide at one moment one does", () =>
    withScene(create, async (scene) => {
      const { store, other } = scene;
      const id = await add(scene, "One");
      await store.desk.hold(id, hold(), now);
      const stores = [store, await other(), store, await other()];
      const decided = await Promise.all(
        stores.map((each) =>
          each.transaction(async (tx) => {
            const held = await tx.desk.held(id);
            return held !== null && (await tx.desk.end(id, "dropped"));
          }),
        ),
      );
      assert.equal(decided.filter(Boolean).length, 1);
    }));

  test("the watch-list has each word once, by how it is compared", () =>
    withScene(create, async ({ store }) => {
      const long = "x".repeat(3_000);
      const words = [
        { key: "פצצה", word: "פְּצָצָה" },
        { key: "bomb", word: "Bomb" },
        { key: long, word: "long" },
      ];
      assert.deepEqual((await store.desk.watch(words, now)).sort(), ["Bomb", "long", "פְּצָצָה"]);
      assert.deepEqual(await store.desk.watch([{ key: "bomb", word: "BOMB" }], now), []);
      assert.deepEqual(await store.desk.watch([], now), []);
      assert.deepEqual((await store.desk.watchWords()).sort(), ["Bomb", "long", "פְּצָצָה"]);
      assert.deepEqual(await store.desk.unwatch(["bomb", "nothing"]), ["Bomb"]);
      assert.deepEqual(await store.desk.unwatch([]), []);
      assert.deepEqual((await store.desk.unwatch([long, "פצצה"])).length, 2);
    }));

  test("what an editor wrote anew is kept with what the feed had said", () =>
    withScene(create, async (scene) => {
      const { store } = scene;
      const id = await add(scene, "One");
      const byHand = { title: "One", summary: null };
      await store.articles.revise(id, article("Uno"), noKeys, minute(1), byHand);
      assert.deepEqual((await store.articles.get(id))?.byHand, byHand);
      await store.articles.keepByHand(id, { title: "One" });
      assert.deepEqual((await store.articles.get(id))?.byHand, { title: "One" });
      await store.articles.revise(id, article("Dos"), noKeys, minute(2));
      assert.equal((await store.articles.get(id))?.byHand, null);
    }));

  test("steps are added in their order, each once, and told once", () =>
    withScene(create, async (scene) => {
      const { store, other } = scene;
      const id = await add(scene, "One");
      assert.equal(await audit(store, id, "call 1", { isTold: true, note: "now" }), true);
      assert.equal(await audit(store, id, "call 1"), false);
      assert.equal(await audit(store, 99, "call 2"), false, "there is no such article");
      await store.articles.revise(id, article("Uno"), noKeys, minute(1));
      await store.audit.write({ article: id, step: "revised", key: "r2", by: null, isTold: true }, minute(1));
      await store.audit.write({ article: id, step: "dropped", key: "d", by: edna }, minute(2));
      const first = { step: "approved", by: edna, note: "now", revision: 1, message: null, at: now } as const;
      assert.deepEqual(await store.audit.steps(id), [
        first,
        { step: "revised", by: null, note: null, revision: 2, message: null, at: minute(1) },
        { step: "dropped", by: edna, note: null, revision: 2, message: null, at: minute(2) },
      ]);
      assert.deepEqual(await store.audit.takeUntold(1), [{ ...first, article: id }]);
      const [mine, theirs] = await Promise.all([store.audit.takeUntold(9), (await other()).audit.takeUntold(9)]);
      assert.deepEqual(
        [...mine, ...theirs].map(({ step }) => step),
        ["revised"],
      );
      assert.deepEqual(await store.audit.takeUntold(9), []);
    }));

  test("the trail stays as long as its article, and what waits keeps its article", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, drain } = scene;
      await subscribe("ada");
      const id = await publish("One");
      await drain();
      const [message] = await scene.place.run("select id from messages");
      await audit(store, id, "released", { step: "released", message: Number(message?.id) });
      const waiting = await add(scene, "Two");
      await store.desk.hold(waiting, hold(), now);
      await audit(store, waiting, "held", { step: "held" });
      await add(scene, "Three");
      const later = minute(60 * 24 * 99);
      assert.equal(await store.upkeep.retireDeliveries(later, 99), 1);
      assert.equal(await store.upkeep.retireMessages(later, 99), 1);
      assert.deepEqual(
        (await store.audit.steps(id)).map((step) => step.message),
        [null],
      );
      const { retired } = await store.upkeep.retireArticles(later, { newest: 1, after: 0, limit: 99 });
      assert.equal(retired, 1);
      assert.deepEqual([await store.audit.steps(id), (await store.audit.steps(waiting)).length], [[], 1]);
      assert.ok(await store.desk.held(waiting));
    }));

  test("who is erased is named in no trail; the same somebody stays the same", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, place } = scene;
      const chat = await subscribe(edna.person, "private", "whatsapp");
      const id = await add(scene, "One");
      await audit(store, id, `call:whatsapp:true_${edna.person}_1:approved`, { note: `asked by ${edna.person}` });
      await audit(store, id, `call:whatsapp:true_${edna.person}_2:dropped`, { step: "dropped" });
      await eraseChat(store, chat.id);
      const rows = await place.run("select key, person, note from article_steps");
      assert.ok(!JSON.stringify(rows).includes("972501234567"), JSON.stringify(rows));
      const persons = new Set(rows.map(({ person }) => person));
      assert.equal(persons.size, 1);
      assert.equal((await store.audit.steps(id)).length, 2);
    }));
}
