import { suite, type TestContext, test } from "node:test";
import { type LifeOptions, live } from "#tests/crash/life";
import { createPostgresPlace, createSqlitePlace, type Place } from "#tests/crash/place";

const seed = Number(process.env.CRASH_SEED ?? 0) || Math.floor(Math.random() * 1e9);

const lives = async (
  context: TestContext,
  create: () => Promise<Place | { missing: string }>,
  options: Omit<LifeOptions, "seed">,
): Promise<void> => {
  const place = await create();
  if ("missing" in place) return context.skip(place.missing);
  try {
    context.diagnostic(JSON.stringify(await live(place, { seed, ...options })));
  } finally {
    await place.remove();
  }
};

// `npm run crash` does the same for longer.
suite("Crier is killed at any moment, again and again", { concurrency: true, timeout: 400_000 }, () => {
  test("on SQLite nothing is lost and nothing doubled", (context) => lives(context, createSqlitePlace, { kills: 13 }));

  test("on PostgreSQL nothing is lost and nothing doubled", (context) =>
    lives(context, createPostgresPlace, { kills: 13 }));

  test("where nothing can be proven nothing is doubled, and what is unknown is what was under way", (context) =>
    lives(context, createSqlitePlace, { kills: 4, canProve: false }));

  test("a message that is being queued for many chats reaches each of them", (context) =>
    lives(context, createSqlitePlace, { kills: 3, crowd: 12_000 }));
});
