import { hostname } from "node:os";
import type { Client } from "pg";
import { explain, load, locate } from "#store/postgres";

/**
 * Takes a PostgreSQL database for this process alone, on a connection of its own. The lock ends with the connection, also
 * when the process is killed.
 *
 * @throws Error in words, naming a process that runs there
 */
export async function holdDatabase(databaseUrl: string): Promise<{ release(): Promise<void> }> {
  const { client, database } = await connect(databaseUrl, () => {});
  const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${key}) as taken`);
  if (rows[0]?.taken) return { release: () => client.end() };
  const holders = await client.query<{ name: string; since: Date }>(holding);
  await client.end();
  const who = holders.rows
    .map(({ name, since }) => `${name.replace(/^crier /, "")}, since ${instant(since)}`)
    .join("; ");
  throw new Error(
    `A Crier runs on the database ${database} already${who ? ` (${who})` : ""}. Stop each that runs there first, or set DATABASE_URL to another database.`,
  );
}

/** A connection to the server that says who we are there. `lost` is called once, when it breaks. @throws Error in words */
export async function connect(
  databaseUrl: string,
  lost: (err: Error) => void,
): Promise<{ client: Client; database: string }> {
  const pg = await load();
  const place = locate(databaseUrl, pg.Client);
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: `crier process ${process.pid} on ${hostname()}`.slice(0, longestName),
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // Unheard, its error would end the process.
  client.on("error", lost);
  try {
    await client.connect();
  } catch (error) {
    throw new Error(explain(place, error), { cause: error });
  }
  return { client, database: place.database };
}

/** PostgreSQL cuts names that are longer, in bytes. */
const longestName = 63;

/** A schema is like a database of its own. */
export const key = "hashtextextended('crier:running:' || current_schema(), 0)";

/** Who has the lock, alone or with others. Advisory locks show their key in two halves. */
const holding = `
  select a.application_name as name, a.backend_start as since
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and ((l.classid::bigint << 32) | l.objid::bigint) = ${key}
  order by a.backend_start limit 10`;

const instant = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
