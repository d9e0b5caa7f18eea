import assert from "node:assert/strict";
import { test } from "node:test";
import { holdDatabase } from "#store/database-lock";
import { joinDatabase, type Word } from "#store/membership";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase, run } from "#tests/store/database";

const database = await createDatabase();
if ("missing" in database) {
  test("members of one PostgreSQL database", { skip: database.missing }, () => {});
} else {
  const { url, drop } = database;
  const name = new URL(url).pathname.slice(1);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const join = async () => {
    const heard: (Word | null)[] = [];
    const log = createMemoryLog();
    return { heard, log, ...(await joinDatabase(url, { log, heard: (word) => void heard.push(word) })) };
  };

  test("members of one PostgreSQL database", { timeout: 60_000 }, async (t) => {
    t.after(drop);
    const first = await join();
    assert.equal(first.isAlone, true);
    // The second one waits until the first has looked after what ended ones left.
    const joining = join();
    await first.open();
    const second = await joining;
    assert.equal(second.isAlone, false);
    await second.open();

    first.tell("queued");
    second.tell("left");
    await until(() => first.heard.length > 0 && second.heard.length > 0);
    assert.deepEqual([first.heard, second.heard], [["left"], ["queued"]], "nobody hears itself");

    await assert.rejects(holdDatabase(url), /^Error: A Crier runs on the database .*; process .*\. Stop each/);

    await run(
      url,
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '${name}' and application_name like 'crier process %'`,
    );
    await until(() => first.heard.includes(null) && second.heard.includes(null));
    assert.ok(first.log.lines.some(({ level }) => level === "warn"));
    first.tell("left");
    await until(() => second.heard.at(-1) === "left");
    await assert.rejects(holdDatabase(url), /A Crier runs on the database/, "they are members again");

    await first.leave();
    await second.leave();
    const alone = await holdDatabase(url);
    // No second look: the patience of a start is ten seconds.
    await alone.release();
    const again = await join();
    assert.equal(again.isAlone, true);
    await again.leave();
  });
}
