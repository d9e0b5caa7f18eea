import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinkWatch } from "#core/retract";
import { createNewsroom } from "#tests/fakes/newsroom";

type Answer = "there" | "gone" | "unknown";

/** A watch over the links of articles that ada got; the test says what each answers. */
async function createWatch(titles: string[]) {
  const newsroom = await createNewsroom();
  const { store, clock, log, publish, subscribe } = newsroom;
  await subscribe("ada");
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const told: string[] = [];
  let heard: (title: string) => void = () => {};
  const watch = createLinkWatch({
    store,
    clock,
    log,
    intervalMs: 600_000,
    onQueued: () => {},
    tellAdmins: async (_key, text) => void told.push(text),
    probe: async (url) => {
      const title = decodeURIComponent(url.split("/").at(-1) ?? "");
      asked.push(title);
      const answer = answers.get(title) ?? "there";
      heard(title);
      return answer;
    },
  });
  for (const title of titles) {
    const { id } = await publish(title);
    await store.articles.probed(id, {
      nextAt: new Date(clock.now().getTime() + 60_000),
      thereAt: null,
      goneSince: null,
    });
  }
  for (const claimed of await store.outbox.claim("fake", 100, [], clock.now())) {
    await store.outbox.finish(claimed, { state: "sent", receipt: { messageId: String(claimed.id) } }, clock.now());
  }
  return {
    ...newsroom,
    answers,
    asked,
    told,
    onAsked: (listener: typeof heard): void => void (heard = listener),
    async later(minutes: number): Promise<void> {
      await clock.sleep(minutes * 60_000);
      await watch.lookDue(new AbortController().signal);
    },
    async recalls(): Promise<string[]> {
      return (await store.outbox.recent(100))
        .filter(({ key }) => key.endsWith(":recall"))
        .map(({ title }) => title ?? "");
    },
  };
}

const watching = async (
  titles: string[],
  work: (watch: Awaited<ReturnType<typeof createWatch>>) => Promise<void>,
): Promise<void> => {
  const opened = await createWatch(titles);
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
};

test("a page that is gone twice, with time between, takes its story back once", () =>
  watching(["One", "Two"], async ({ later, answers, recalls, told, asked }) => {
    await later(1);
    answers.set("One", "gone");
    await later(10);
    assert.deepEqual(await recalls(), [], "once is not enough");
    await later(5);
    assert.equal(asked.filter((title) => title === "One").length, 2, "nor is twice in short order");
    await later(5);
    assert.deepEqual(await recalls(), ["One"]);
    assert.match(told.join(), /Taken back.*“One”/);
    const looks = asked.filter((title) => title === "One").length;
    await later(60);
    assert.deepEqual(await recalls(), ["One"]);
    assert.equal(asked.filter((title) => title === "One").length, looks, "it is not looked at any more");
  }));

test("a page that is back, or that does not answer clearly, takes nothing back", () =>
  watching(["One", "Two"], async ({ later, answers, recalls }) => {
    await later(1);
    answers.set("One", "gone");
    answers.set("Two", "unknown");
    await later(10);
    answers.set("One", "there");
    await later(10);
    answers.set("One", "gone");
    await later(20);
    assert.deepEqual(await recalls(), []);
    answers.set("One", "unknown");
    await later(10);
    assert.deepEqual(await recalls(), []);
    answers.set("One", "gone");
    await later(10);
    assert.deepEqual(await recalls(), ["One"], "an unclear answer between two clear ones undoes nothing");
  }));

test("many pages of one site that go at once are its fault: nothing is taken back, and the admins hear of it", () =>
  watching(["One", "Two", "Three", "Four"], async ({ later, answers, recalls, told }) => {
    await later(1);
    for (const title of ["One", "Two", "Three"]) answers.set(title, "gone");
    await later(10);
    await later(10);
    await later(10);
    assert.deepEqual(await recalls(), []);
    assert.match(told[0] ?? "", /bell\.example.*fault of the site/);
    answers.clear();
    await later(10);
    await later(60);
    assert.deepEqual(await recalls(), []);
  }));

test("a site whose pages are found gone one by one is at fault too; one story of a site that stands is taken back", () =>
  watching(["One", "Two", "Three"], async ({ later, answers, recalls, told, store }) => {
    await later(1);
    for (const title of ["One", "Two", "Three"]) answers.set(title, "gone");
    // Only one of them is looked at: the others' time has not come.
    for (const { id, title } of await store.articles.latest(9)) {
      if (title !== "One") await store.articles.probed(id, { nextAt: null, thereAt: null, goneSince: null });
    }
    await later(10);
    await later(10);
    assert.deepEqual(await recalls(), []);
    assert.match(told[0] ?? "", /bell\.example.*fault of the site/);
    answers.set("Three", "there");
    await later(10);
    assert.deepEqual(await recalls(), ["One"]);
  }));

test("a site that comes back at the moment of the second look takes nothing back", () =>
  watching(["One", "Two"], async ({ later, answers, recalls, onAsked }) => {
    await later(1);
    answers.set("One", "gone");
    answers.set("Two", "gone");
    await later(10);
    onAsked((title) => {
      // The second look at one of them still finds it gone; at the next request everything is there again.
      if (title === "One") queueMicrotask(() => answers.clear());
    });
    await later(10);
    assert.deepEqual(await recalls(), []);
  }));

test("a link is looked at ever more seldom, and not at all after two days", () =>
  watching(["One"], async ({ later, asked }) => {
    for (let minutes = 0; minutes < 4 * 24 * 60; minutes += 10) await later(10);
    assert.ok(asked.length >= 8 && asked.length <= 20, `asked ${asked.length} times`);
    const before = asked.length;
    await later(24 * 60);
    assert.equal(asked.length, before);
  }));

test("a page that was never there takes nothing back: it may be Crier alone who cannot see it", () =>
  watching(["One"], async ({ later, answers, recalls }) => {
    answers.set("One", "gone");
    for (let round = 0; round < 12; round += 1) await later(10);
    assert.deepEqual(await recalls(), []);
    answers.set("One", "there");
    await later(120);
    answers.set("One", "gone");
    await later(180);
    await later(10);
    assert.deepEqual(await recalls(), ["One"]);
  }));
