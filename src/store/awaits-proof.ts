import { type RawBuilder, sql } from "kysely";
import { toInstant } from "#store/rows";

/** How long a chat's later messages of a lane wait while an earlier one is looked at; less where the clock went back. */
const waitMs = 10 * 60_000;

/**
 * True for a pending delivery that must wait because an earlier one of its chat and lane is being looked at. What
 * changes or takes back a message waits until it is decided: before, nobody knows whether there is anything to change.
 */
export const awaitsProof = (delivery: "d" | "h", platform: string, now: Date): RawBuilder<boolean> => {
  const column = (name: string) => sql.ref(`${delivery}.${name}`);
  // Asked once, before each row is asked of: mostly nothing is looked at.
  const isAny = sql`(
    select a.id from deliveries a where a.state = 'unknown' and a.platform = ${platform} and a.look_at is not null limit 1
  ) is not null`;
  return sql<boolean>`(${isAny} and (
    select u.id from deliveries u
    where u.chat_id = ${column("chat_id")} and u.state = 'unknown' and u.lane = ${column("lane")}
      and u.id < ${column("id")} and u.look_at is not null
      and (u.ended_at between ${toInstant(now) - waitMs + 1} and ${toInstant(now) + waitMs}
        or (select m.action from deliveries x join messages m on m.id = x.message_id where x.id = ${column("id")}) <> 'send')
    limit 1) is not null)`;
};
