import type { Log, Store } from "#core/ports";
import { createAlarmStore } from "#store/alarms";
import { createArticleStore } from "#store/articles";
import { createAuditStore } from "#store/audit";
import { createBroadcastStore } from "#store/broadcasts";
import { createChatStore } from "#store/chats";
import { type Database, inTransaction } from "#store/database";
import { createDeskStore } from "#store/desk";
import { createErasure } from "#store/erase";
import { createFeedStore } from "#store/feeds";
import { createGaugeStore } from "#store/gauges";
import { createHoursStore } from "#store/hours";
import { createLeaseStore } from "#store/leases";
import { migrate } from "#store/migrate";
import { createOutboxStore } from "#store/outbox";
import { createPushStore } from "#store/pushes";
import { createRetention } from "#store/retention";
import { openSqlite } from "#store/sqlite";
import { createSubscriptionStore } from "#store/subscriptions";
import { createWhyStore } from "#store/why";

/**
 * Opens the store and brings its schema up to date: PostgreSQL where `databaseUrl` is set, else the file `crier.db` in `dataDir`.
 *
 * @throws Error in words to act on, without any password
 */
export async function openStore(options: { databaseUrl?: string; dataDir: string; log: Log }): Promise<Store> {
  const database = await openDatabase(options);
  try {
    await migrate(database, options.log);
  } catch (error) {
    await database.db.destroy();
    throw error;
  }
  return createStore(database);
}

/** The database as it is found, whatever step its schema is at: for backups. @throws Error in words */
export async function openDatabase(options: { databaseUrl?: string; dataDir: string; log: Log }): Promise<Database> {
  const { databaseUrl, dataDir, log } = options;
  return databaseUrl ? (await import("#store/postgres")).openPostgres(databaseUrl, log) : openSqlite(dataDir);
}

function createStore(database: Database): Store {
  let closing: Promise<void> | null = null;
  const store: Store = {
    feeds: createFeedStore(database),
    pushes: createPushStore(database),
    articles: createArticleStore(database),
    chats: createChatStore(database),
    subscriptions: createSubscriptionStore(database),
    hours: createHoursStore(database),
    outbox: createOutboxStore(database),
    broadcasts: createBroadcastStore(database),
    desk: createDeskStore(database),
    audit: createAuditStore(database),
    gauges: createGaugeStore(database),
    alarms: createAlarmStore(database),
    why: createWhyStore(database),
    leases: createLeaseStore(database),
    upkeep: { ...createRetention(database), ...createErasure(database) },
    // Within a transaction a further one joins it.
    transaction: (work) => inTransaction(database, (tx) => work(tx === database ? store : createStore(tx))),
    close() {
      closing ??= end(database);
      return closing;
    },
  };
  return store;
}

async function end({ db }: Database): Promise<void> {
  // The connection's turn comes when the transactions before it have ended.
  await db.connection().execute(async () => {});
  await db.destroy();
}
