import assert from "node:assert/strict";
import { test } from "node:test";
import { createDigester } from "#core/digester";
import type { Hours } from "#core/model";
import { planHours } from "#core/plan-hours";
import { type DeskStage, withDesk } from "#tests/core/desk-stage";
import { article } from "#tests/fakes/newsroom";

/** Where nobody keeps Sabbath. */
const sabbaths = { places: async () => [], between: async () => [] };

/** A desk with a reader who takes digests at 15:00 of the newsroom alone. */
const withDigests = (work: (stage: DeskStage & { digest(): Promise<void> }) => Promise<void>): Promise<void> =>
  withDesk({}, async (stage) => {
    const { store, clock, log, subscribe, ring } = stage;
    const deps = { store, clock, log, zone: "UTC", sabbaths, onQueued: () => {}, tellAdmins: async () => {} };
    const digester = createDigester(deps);
    const dee = await subscribe("dee", "private", "telegram");
    const hours: Hours = { delivery: "digest", digest: { every: "day", at: ["13:00"] } };
    await store.subscriptions.setPreferences(dee.id, { hours }, clock.now());
    await planHours({ store, now: clock.now(), zone: "UTC", sabbaths }, "new");
    const digest = async (): Promise<void> => {
      await clock.sleep(60 * 60_000);
      await digester.run(new AbortController().signal);
      await ring();
    };
    await work({ ...stage, digest });
  });

test("who has a story in a digest is counted where it is corrected, taken back and asked after", () =>
  withDigests(async ({ read, ring, ask, digest }) => {
    await read([article("One", { summary: "S." })]);
    await ring();
    await digest();
    assert.match(await ask("/correct 1 headline: Uno"), /“Uno”\. 3 chats will show it: 2 on telegram, 1 on whatsapp\./);
    assert.match(await ask("/correct 1 summary: S, mended."), /“Uno”\. 2 chats will show it: 1 on telegram, 1 on/);
    assert.match(await ask("/retract 1"), /“Uno”\. 3 chats will lose it, where the platform still allows that/);
    assert.equal(
      await ask("/audit 1"),
      [
        "Article 1, “Uno”",
        "14:00 queued",
        "– telegram: 1 got it, and it was taken back, 1 got it in a digest",
        "– whatsapp: 1 got it, and it was taken back",
        "15:00 corrected by you: headline: “One” → “Uno”",
        "– telegram: 1 corrected, 1 corrected in a digest",
        "– whatsapp: 1 corrected",
        "15:00 corrected by you: summary: “S.” → “S, mended.”",
        "– telegram: 1 corrected",
        "– whatsapp: 1 corrected",
        "15:00 taken back by you",
        "– telegram: 1 lost it, 1 lost it in a digest",
        "– whatsapp: 1 lost it",
      ].join("\n"),
    );
  }));

test("a correction that digests do not show says so, where nobody has the story elsewhere", () =>
  withDigests(async ({ setRules, read, ask, digest }) => {
    setRules({ release: "digest" });
    await read([article("One", { summary: "S." })]);
    assert.match(await ask("/correct 1 summary: Mended."), /No chat has it yet; who waits for it gets the new words\./);
    await digest();
    assert.match(
      await ask("/correct 1 summary: Mended again."),
      /It came in digests alone, and they do not show what was changed\. \/audit 1/,
    );
    assert.match(await ask("/correct 1 headline: Uno"), /“Uno”\. 1 chat on telegram will show it\./);
  }));
