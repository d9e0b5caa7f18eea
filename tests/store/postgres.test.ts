import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sql } from "kysely";
import type { Lane } from "#core/model";
import { dueDeliveries } from "#store/claim";
import { migrate } from "#store/migrate";
import { openStore } from "#store/open";
import { openPostgres } from "#store/postgres";
import { describeStore } from "#tests/contract/store";
import { digestAt, digests, give } from "#tests/contract/store/hours";
import { minute, notice, withScene } from "#tests/contract/store/place";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase, run, serverUrl } from "#tests/store/database";

const open = (databaseUrl: string, log = createMemoryLog()) => openStore({ databaseUrl, dataDir: "unused", log });

const database = await createDatabase();
if ("missing" in database) {
  test("store on PostgreSQL", { skip: database.missing }, () => {});
} else {
  after(database.drop);
  const name = new URL(database.url).pathname.slice(1);

  /** An address of a part of the run's own database. What is dropped at the end need not reach the disk. */
  const urlOf = (schema?: string): string => {
    const url = new URL(database.url);
    if (schema) url.searchParams.set("options", `-c search_path=${schema} -c synchronous_commit=off`);
    return url.href;
  };

  const now = new Date("2026-03-01T12:00:00Z");
  /** One of the run's connections waits for another. */
  const waiting = `select 1 from pg_stat_activity where datname = '${name}' and wait_event_type = 'Lock'`;

  let places = 0;
  const create = async () => {
    const schema = `place_${++places}`;
    await run(urlOf(), `create schema ${schema}`);
    const url = urlOf(schema);
    return {
      holdsTwo: true,
      open: () => open(url),
      run: (text: string) => run(url, text),
      // The whole database is dropped at the end.
      remove: async () => {},
    };
  };
  describeStore("PostgreSQL", create);

  test("processes that start at the same time bring the schema up to date once", async () => {
    const place = await create();
    const log = createMemoryLog();
    const url = urlOf(`place_${places}`);
    const stores = await Promise.all([1, 2, 3].map(() => open(url, log)));
    await Promise.all(stores.map((store) => store.close()));
    const steps = await place.run("select number from migrations");
    assert.equal(log.lines.filter(({ text }) => text === "database brought up to date").length, steps.length);
    await place.run("insert into migrations (number, name) values (9999, 'later')");
    await assert.rejects(open(url), /written by a newer Crier: it is at step 9999/);
  });

  test("a claim waits for another one's transaction, so that no chat gets two at once", async () => {
    const place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const write = (key: string, lane: Lane, chat: number) =>
      one.outbox.add({ key, lane, kind: "notice", spans: [{ text: key }] }, { chat }, now);
    try {
      const { chat } = await one.chats.open({ platform: "telegram", address: "ada", kind: "private" }, null, now);
      await write("One", "article", chat.id);
      const taken = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const first = other.transaction(async (tx) => {
        const claimed = await tx.outbox.claim("telegram", 1, [], now);
        taken.resolve();
        await goOn.promise;
        return claimed.length;
      });
      await taken.promise;
      await write("Fire", "breaking", chat.id);
      let settled = false;
      const second = one.outbox.claim("telegram", 1, [], now).finally(() => {
        settled = true;
      });
      while (!settled && (await place.run(waiting)).length === 0);
      goOn.resolve();
      assert.equal(await first, 1);
      assert.deepEqual(await second, [], "the chat has one under way");
    } finally {
      await one.close();
      await other.close();
    }
  });

  test("what another process holds while a digest is being written waits for the next one", () =>
    withScene(create, async ({ store, place, subscribe, publish, states }) => {
      await give(store, await subscribe("ada"), digests, digestAt(60));
      for (const title of ["One", "Two"]) await publish(title);
      const bring = (state: string) =>
        place.run(`update deliveries set state = '${state}' where id = (select max(id) from deliveries)`);
      const at = minute(60);
      const later = { quiet: null, digestAt: minute(120), until: minute(120) };
      for (const { id } of await store.hours.toPlan(at, 1)) await store.hours.plan(id, later, at, "hour");
      await bring("pending");
      await store.transaction(async (tx) => {
        const part = await tx.hours.nextPart(at);
        assert.deepEqual(
          part?.groups.map(({ articles }) => articles.length),
          [1],
        );
        await bring("held");
        if (part) await tx.hours.endPart(part, { reason: "It came in a digest.", asides: [] }, at);
      });
      assert.deepEqual(await states(), { skipped: 1, held: 1 });
    }));

  test("a connection that the server ends is replaced", async () => {
    const place = await create();
    const log = createMemoryLog();
    const store = await open(urlOf(`place_${places}`), log);
    try {
      await store.feeds.list();
      await run(serverUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      while (!log.lines.some(({ text }) => text.includes("was lost")))
        await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(await store.feeds.list(), []);
    } finally {
      await store.close();
    }
  });

  test("a connection that the server ends in the middle of a transaction undoes that, and nothing else", async () => {
    const place = await create();
    const store = await open(urlOf(`place_${places}`), createMemoryLog());
    const address = { kind: "feed", address: "https://bell.example/feed" };
    const now = new Date("2026-03-01T12:00:00Z");
    try {
      const broken = store.transaction(async (tx) => {
        await tx.feeds.add(address, now);
        await run(serverUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
        // Its end is heard while nothing is asked.
        await new Promise((resolve) => setTimeout(resolve, 50));
      });
      await assert.rejects(broken);
      assert.equal((await place.run("select 1 from feeds")).length, 0);
      assert.equal((await store.feeds.add(address, now)).isNew, true);
    } finally {
      await store.close();
    }
  });

  test("a database that can only be read says so in words, and is written again once it may be", async () => {
    await create();
    const url = new URL(urlOf(`place_${places}`));
    const store = await open(url.href, createMemoryLog());
    await store.close();
    url.searchParams.set("options", `${url.searchParams.get("options") ?? ""} -c default_transaction_read_only=on`);
    const database = await openPostgres(url.href, createMemoryLog());
    try {
      await assert.rejects(
        sql`update pulse set at = 1`.execute(database.db),
        /can be read but not written: it may be a standby\. .*tries again by itself/,
      );
      await sql`set default_transaction_read_only = off`.execute(database.db);
      await sql`update pulse set at = 1`.execute(database.db);
    } finally {
      await database.db.destroy();
    }
  });

  test("a claim walks one index in order, however much waits: no scan of the table, no sorting", async () => {
    const place = await create();
    const database = await openPostgres(urlOf(`place_${places}`), createMemoryLog());
    try {
      await migrate(database, createMemoryLog());
      await place.run(
        "insert into chats (id, platform, address, kind) select i, 'telegram', i, 'private' from generate_series(1, 5000) i",
      );
      await place.run(
        "insert into messages (id, key, lane, kind, action, audience, created_at) select i, i, 40, 'notice', 'send', 'subscribed', 0 from generate_series(1, 4) i",
      );
      await place.run(
        "insert into deliveries (message_id, chat_id, platform, lane, state, queued_at) select m.id, c.id, 'telegram', 40, 'pending', 0 from messages m, chats c",
      );
      for (const statistics of ["before", "after"]) {
        if (statistics === "after") await place.run("analyze deliveries");
        // As it is planned for these values, and as it is kept for all.
        for (const mode of ["force_custom_plan", "force_generic_plan"]) {
          const query = dueDeliveries(database.engine, "telegram", 30, [1, 2], now).compile(database.db);
          const types = query.parameters.map((value) =>
            Array.isArray(value) ? "bigint[]" : typeof value === "string" ? "text" : "bigint",
          );
          const values = query.parameters.map((value) =>
            Array.isArray(value) ? "'{1,2}'" : typeof value === "string" ? `'${value}'` : String(value),
          );
          const plan = await database.db.connection().execute(async (db) => {
            await sql.raw(`set plan_cache_mode = ${mode}`).execute(db);
            await sql.raw(`prepare due (${types}) as ${query.sql}`).execute(db);
            const { rows } = await sql.raw<{ "QUERY PLAN": string }>(`explain execute due (${values})`).execute(db);
            await sql.raw("deallocate due").execute(db);
            return rows.map((row) => row["QUERY PLAN"]).join("\n");
          });
          assert.match(plan, /Index (Only )?Scan using deliveries_waiting/, plan);
          assert.match(plan, /deliveries_under_way.+\n +Index Cond: \(\(platform = .+ AND \(chat_id = /, plan);
          assert.doesNotMatch(plan, /Seq Scan|Sort|Join/, plan);
        }
      }
    } finally {
      await database.db.destroy();
    }
  });

  test("a chat or message with deliveries is not removed, also by hand", async () => {
    const place = await create();
    const store = await place.open();
    try {
      const { chat } = await store.chats.open({ platform: "telegram", address: "ada", kind: "private" }, null, now);
      await store.outbox.add(notice("One"), { chat: chat.id }, now);
      await assert.rejects(place.run(`delete from chats where id = ${chat.id}`), /deliveries name the chat 1/);
      await assert.rejects(place.run("delete from messages"), /deliveries name the message 1/);
      assert.equal((await store.outbox.recent(9)).length, 1);
    } finally {
      await store.close();
    }
  });

  for (const leaving of ["erased", "merged into another"] as const) {
    test(`what is being written for a chat while it is ${leaving} is not left without a chat`, async () => {
      const place = await create();
      const [one, other] = [await place.open(), await place.open()];
      try {
        const open = async (address: string) => {
          const { chat } = await one.chats.open({ platform: "telegram", address, kind: "private" }, null, now);
          await one.subscriptions.begin(chat.id, now);
          return chat;
        };
        const [ben, ada] = [await open("ben"), await open("ada")];
        const written = Promise.withResolvers<void>();
        const goOn = Promise.withResolvers<void>();
        const writing = one.transaction(async (tx) => {
          await tx.outbox.add(notice("One"), "subscribed", now);
          written.resolve();
          await goOn.promise;
        });
        await written.promise;
        let settled = false;
        const leave = leaving === "erased" ? other.upkeep.erase(ada.id) : other.chats.move(ada.id, ben.address, now);
        const left = leave.finally(() => {
          settled = true;
        });
        while (!settled && (await place.run(waiting)).length === 0);
        assert.equal(settled, false, "it waits for what is being written");
        goOn.resolve();
        await Promise.all([writing, left]);
        assert.deepEqual(
          (await one.outbox.recent(9)).map(({ chat }) => chat.id),
          [ben.id],
        );
        assert.deepEqual(await place.run("select count(*)::int as count from deliveries"), [{ count: 1 }]);
      } finally {
        await one.close();
        await other.close();
      }
    });
  }

  test("a user without the right to create tables is told how to get it", async () => {
    const user = `${name}_guest`;
    await run(urlOf(), `revoke create on schema public from public; create role ${user} login`);
    try {
      const url = new URL(urlOf());
      url.username = user;
      await assert.rejects(open(url.href), /may not create tables in its database\. Make it the database's owner/);
    } finally {
      await run(urlOf(), `drop role ${user}`);
    }
  });

  test("a database that is not there is named", async () => {
    const url = new URL(serverUrl);
    url.pathname = "/crier_has_no_such_database";
    await assert.rejects(open(url.href), /has no database "crier_has_no_such_database". Create it/);
  });
}

test("an address that leads nowhere is said in words, without the password", async () => {
  const inWords = (pattern: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, pattern);
    assert.ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes("hunter2"));
    return true;
  };
  await assert.rejects(
    open("postgres://crier:hunter2@127.0.0.1:1/news"),
    inWords(/PostgreSQL at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/),
  );
  await assert.rejects(open("postgres://crier:hunter2@[broken/news"), inWords(/is not an address of PostgreSQL/));
});
