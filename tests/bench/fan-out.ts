/** One article to 1,000,000 chats: the rows of its deliveries, written in chunks while the process goes on. SQLite, and PostgreSQL where one answers. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Audience, Store } from "#core/ports";
import { onEachEngine } from "./engines.ts";
import { show } from "./figures.ts";

const chats = 1_000_000;
const chunk = 5_000;
const now = new Date("2026-03-01T12:00:00Z");

/** Subscribed chats, written by the engine itself; every tenth wants sport alone. */
const crowd = [
  'insert into wants (id, key, wants) values (1, \'{"topics":["Sport"]}\', \'{"topics":["Sport"]}\')',
  `insert into chats (platform, address, kind, wants_id)
   with recursive n (i) as (select 1 union all select i + 1 from n where i < ${chats})
   select 'telegram', 'reader-' || i, 'private', case when i % 10 = 0 then 1 else 0 end from n`,
  "insert into subscriptions (chat_id, since) select id, 0 from chats order by id",
];

async function measure(name: string, store: Store, execute: (sql: string) => Promise<unknown>): Promise<void> {
  for (const sql of crowd) await execute(sql);
  // It does so by itself within a minute; SQLite never does.
  if (name === "PostgreSQL") await execute("analyze");
  const fanOut = async (key: string, to: Audience): Promise<void> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const begun = performance.now();
    await store.outbox.add({ key, lane: "article", kind: "notice", spans: [{ text: key }] }, to, now);
    while (!(await store.outbox.fanOut(chunk, now))) await new Promise((resolve) => setImmediate(resolve));
    const seconds = (performance.now() - begun) / 1_000;
    delay.disable();
    const waiting = (await store.outbox.counts()).reduce((sum, { count }) => sum + count, 0);
    show(
      `${name}: ${key}`,
      `${seconds.toFixed(2)} s, longest stall ${(delay.max / 1e6).toFixed(0)} ms, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
      `${waiting} wait; at most 2 s, 50 ms, 200 MB`,
    );
  };
  await fanOut("to all 1,000,000", "subscribed");
  await fanOut("to the 100,000 who want it", { wants: [1] });
}

await onEachEngine(measure);
