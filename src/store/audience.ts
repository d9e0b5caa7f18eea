import { type RawBuilder, sql } from "kysely";
import type { ChatId } from "#core/model";
import type { AudienceFilter } from "#core/ports";
import type { Engine } from "#store/database";

/** A broadcast's audience, and the instant after which nobody joins it. */
export interface FrozenAudience {
  filter: AudienceFilter;
  /** Null while it is still open. */
  membersUntil: number | null;
}

/** An empty list has no type that PostgreSQL could compare a column with. */
const among = (engine: Engine, column: string, values: readonly number[] | readonly string[]): RawBuilder<unknown> =>
  values.length === 0 ? sql`1 = 0` : sql`${sql.ref(column)} ${engine.anyOf(values)}`;

/** The subscribed chats of an audience with ids in (after, last]: what is counted beforehand is what is sent to. */
export function membersOf(
  engine: Engine,
  { filter, membersUntil }: FrozenAudience,
  { after, last }: { after: ChatId; last: ChatId },
): RawBuilder<unknown> {
  const { platforms, kinds, wants } = filter;
  const parts = [
    sql`s.chat_id > ${after} and s.chat_id <= ${last}`,
    ...(membersUntil === null ? [] : [sql`s.since <= ${membersUntil}`]),
  ];
  const ofChat = [
    ...(platforms ? [among(engine, "w.platform", platforms)] : []),
    ...(kinds ? [among(engine, "w.kind", kinds)] : []),
    ...(wants ? [among(engine, "w.wants_id", wants)] : []),
  ];
  if (ofChat.length > 0) {
    // A single value, not a join: the ids stay in the order of the subscriptions' own index.
    parts.push(sql`(select w.id from chats w where w.id = s.chat_id and ${sql.join(ofChat, sql` and `)}) is not null`);
  }
  return sql`select s.chat_id from subscriptions s where ${sql.join(parts, sql` and `)}`;
}
