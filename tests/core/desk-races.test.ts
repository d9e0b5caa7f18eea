import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { drop, type Editor, hold, send } from "#core/desk/decide";
import type { DeskSettings } from "#core/desk/hold";
import { correct, retract } from "#core/desk/mend";
import { approversOf } from "#core/desk/people";
import { createPreflight } from "#core/desk/preflight";
import { type DeskStage, withDesk } from "#tests/core/desk-stage";
import { article } from "#tests/fakes/newsroom";
import { bothEngines, createDatabase } from "#tests/store/database";

const signal = new AbortController().signal;

let calls = 0;
/** An editor at a moment of their own. */
const editor = ({ clock, settings }: DeskStage, person: string): Editor => ({
  call: { key: `race:${calls++}`, by: { platform: "telegram", person }, now: clock.now() },
  manner: { now: clock.now(), timeZone: "UTC", mark: "/" },
  settings,
  how: "here",
});

/** The same numbers each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const database = await createDatabase();
if (!("missing" in database)) after(database.drop);
for (const [engine, create] of Object.entries(bothEngines(database))) {
  suite(`many at the desk at one moment, on ${engine}`, { timeout: 500_000 }, () => {
    const racing = (name: string, work: (stage: DeskStage) => Promise<void>, settings?: Partial<DeskSettings>): void =>
      void test(name, async (t) => {
        const place = await create();
        if ("missing" in place) return t.skip(place.missing);
        await withDesk(place, work, settings);
      });

    racing("two corrections of different fields both stand", async (stage) => {
      const { read, ring, shows, store } = stage;
      for (let round = 1; round <= 8; round += 1) {
        const [taken] = await read([article(`Story ${round}`)]);
        const id = taken?.article ?? 0;
        if (round % 2) await ring();
        const answers = await Promise.all([
          correct(store, id, { title: `Right ${round}` }, editor(stage, "1")),
          correct(store, id, { summary: "Right, too." }, editor(stage, "2")),
        ]);
        assert.deepEqual(
          answers.map(({ done }) => done),
          [true, true],
        );
        await ring();
        assert.ok(shows("ada").includes(`Right ${round} | Right, too.`), shows("ada").join("\n"));
      }
    });

    racing("a correction and a read of its feed both stand, also at the next read", async (stage) => {
      const { read, ring, shows, store } = stage;
      for (let round = 1; round <= 8; round += 1) {
        const story = article(`Story ${round}`);
        const [taken] = await read([story]);
        const id = taken?.article ?? 0;
        await ring();
        const changed = { ...story, summary: "As it is now." };
        await Promise.all([
          correct(store, id, { title: `Right ${round}` }, editor(stage, "1")),
          read([article(`Other ${round}`), changed]),
        ]);
        await ring();
        assert.ok(shows("ada").includes(`Right ${round} | As it is now.`), shows("ada").join("\n"));
        await read([changed]);
        await ring();
        assert.ok(shows("ada").includes(`Right ${round} | As it is now.`), "the feed does not undo it");
      }
    });

    racing("an article that stands twice in one read is taken in all the same", async (stage) => {
      const { read, setRules, store } = stage;
      const twice = [article("One", { summary: "First." }), article("One", { summary: "Second." })];
      await read(twice);
      await read([article("One", { summary: "Third." }), article("One", { summary: "Fourth." })]);
      setRules({ release: "review" });
      const [first] = await read([article("Two", { summary: "First." }), article("Two", { summary: "Second." })]);
      assert.equal((await store.desk.held(first?.article ?? 0))?.article.title, "Two");
    });

    for (const editors of [1, 2]) {
      racing(
        `whatever ${editors === 1 ? "one editor" : "two editors"} and all others do, each story has one end`,
        async (stage) => {
          const { store, clock, log, settings, setRules, read, deskOver } = stage;
          const roll = dice(editors);
          const desk = deskOver(store);
          const preflight = createPreflight({
            store,
            clock,
            log,
            settings,
            onQueued: () => {},
            check: async () =>
              roll() < 0.5 ? { ok: true, unproven: null } : { ok: false, problem: "its page answers 404" },
          });
          for (let round = 0; round < 40; round += 1) {
            setRules(round % 2 ? { release: "review" } : {});
            const story = article(`Story ${round}`);
            const [taken] = await read([story]);
            const id = taken?.article ?? 0;
            const acts = [
              () => send(store, id, null, editor(stage, "1")),
              () => send(store, id, "now", editor(stage, "2")),
              () => drop(store, id, "A reason.", editor(stage, "3")),
              () => hold(store, id, null, editor(stage, "4")),
              () => correct(store, id, { title: `By hand ${round}` }, editor(stage, "5")),
              () => read([{ ...story, summary: "By its feed.", url: `${story.url}/2` }]),
              () => desk.runDue(signal),
              () => preflight.lookDue(signal),
              ...(round % 5 ? [] : [() => retract(store, id, null, editor(stage, "6"))]),
            ];
            const chosen = acts.filter(() => roll() < 0.6).toSorted(() => roll() - 0.5);
            await Promise.all(chosen.map((act) => act()));

            const held = await store.desk.held(id);
            const kept = await store.articles.get(id);
            const trail = await store.audit.steps(id);
            const count = (step: string): number => trail.filter((one) => one.step === step).length;
            const what = `round ${round}: ${kept?.desk} ${trail.map(({ step }) => step).join(", ")}`;
            const isOut = kept?.announcedAt !== null;
            assert.equal(held !== null, kept?.desk === "held", what);
            assert.equal(count("released"), isOut ? 1 : 0, what);
            assert.ok(!(held && isOut), what);
            assert.ok(held || isOut || count("dropped") > 0 || kept?.retractedAt, what);
            if (held) assert.equal(held.approvals, (await approversOf(store, trail)).size, what);
          }
          assert.deepEqual(
            log.lines.filter(({ level }) => level === "error"),
            [],
          );
        },
        { editors, preflight: true },
      );
    }
  });
}
