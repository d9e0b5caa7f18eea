import type { DeliveryView } from "#core/ports";
import type { Database } from "#store/database";
import { toChat, toDate, toLane } from "#store/rows";

/** Deliveries with what people look for, in no order yet. */
export const selectViews = ({ db }: Database) =>
  db
    .selectFrom("deliveries as d")
    .innerJoin("messages as m", "m.id", "d.message_id")
    .innerJoin("chats as c", "c.id", "d.chat_id")
    .leftJoin("articles as a", "a.id", "m.article_id")
    .select(["d.id", "d.lane", "d.state", "d.reason", "d.queued_at", "d.ended_at", "m.key", "a.title as headline"])
    .select(["c.id as chat_id", "c.platform", "c.address", "c.kind", "c.title"]);

type ViewRow = Awaited<ReturnType<ReturnType<typeof selectViews>["execute"]>>[number];

export const toView = (row: ViewRow): DeliveryView => ({
  id: row.id,
  key: row.key,
  lane: toLane(row.lane),
  title: row.headline,
  chat: toChat({ ...row, id: row.chat_id }),
  state: row.state,
  reason: row.reason,
  queuedAt: new Date(row.queued_at),
  endedAt: toDate(row.ended_at),
});
