import type { Place } from "#tests/crash/place";
import type { Stage } from "#tests/crash/stage";

/** A platform that no bot of Crier's speaks to: what is queued for it stays, to be counted. */
const nowhere = "nowhere";

/**
 * Subscribes so many chats that a message is queued for them in several steps. They stand behind the readers, who get
 * it while the rest is still being queued.
 */
export async function gather({ ledger }: Place, stage: Stage, count: number): Promise<void> {
  await stage.start().ready;
  while (stage.platform.untaken() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await stage.kill();
  await ledger.all(`
    insert into chats (platform, address, kind)
    with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})
    select '${nowhere}', 'crowd-' || i, 'private' from n`);
  await ledger.all(
    `insert into subscriptions (chat_id, since) select id, 0 from chats where platform = '${nowhere}' order by id`,
  );
}

/** Every article that came after them was queued for each of them once. */
export async function expectAllQueued({ ledger }: Place, count: number): Promise<void> {
  const rows = await ledger.all<{ article: number; queued: number | string; cursor: number | null }>(`
    select m.article_id as article, m.fan_out_cursor as cursor, (
        select count(distinct d.chat_id) from deliveries d where d.message_id = m.id and d.platform = '${nowhere}') as queued
    from messages m where m.action = 'send' and m.kind = 'article' and m.audience = 'subscribed'`);
  const wrong = rows.filter(({ queued, cursor }) => cursor !== null || ![0, count].includes(Number(queued)));
  if (wrong.length > 0) throw new Error(`not queued for all of ${count} chats: ${JSON.stringify(wrong)}`);
  if (!rows.some(({ queued }) => Number(queued) === count)) throw new Error("nothing was queued for the many");
}
