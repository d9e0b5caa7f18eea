import type { Log } from "#core/ports";
import { explain, load, locate } from "#store/postgres";

/**
 * Takes a PostgreSQL database for this process, on a connection of its own. The lock ends with the connection, also when
 * the process is killed.
 *
 * @throws Error in words, naming the process that runs there
 */
export async function holdDatabase(databaseUrl: string, log: Log): Promise<{ release(): Promise<void> }> {
  const pg = await load();
  const place = locate(databaseUrl, pg.Client);
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: nameOf(process.pid),
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // Unheard, its error would end the process.
  client.on("error", (err) => log.warn({ err }, "the connection that keeps other Criers off the database was lost"));
  try {
    await client.connect();
  } catch (error) {
    throw new Error(explain(place, error), { cause: error });
  }
  const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${key}) as taken`);
  if (rows[0]?.taken) return { release: () => client.end() };
  const found = await client.query<{ name: string | null; since: Date | null }>(holder);
  await client.end();
  const { name = null, since = null } = found.rows[0] ?? {};
  const who = name && since ? ` (${name.replace(/^crier /, "")}, since ${instant(since)})` : "";
  throw new Error(
    `A Crier runs on the database ${place.database} already${who}. Two would send everything twice: stop that one first, or set DATABASE_URL to a database of this one's own.`,
  );
}

/** A schema is like a database of its own. */
const key = "hashtextextended('crier:running:' || current_schema(), 0)";

/** Advisory locks show their key in two halves. */
const holder = `
  select a.application_name as name, a.backend_start as since
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and ((l.classid::bigint << 32) | l.objid::bigint) = ${key}`;

const nameOf = (pid: number): string => `crier process ${pid}`;

const instant = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
