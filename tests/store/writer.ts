import { openStore } from "#store/open";
import { article, noKeys } from "#tests/contract/store/place";
import { createMemoryLog } from "#tests/fakes/log";

/** Adds and sends articles until it is killed, and says each change on standard output once the store has said that it is safe. */
const [dataDir = ""] = process.argv.slice(2);
const store = await openStore({ dataDir, log: createMemoryLog() });
const now = new Date("2026-03-01T12:00:00Z");
await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
const feed = (await store.feeds.list())[0]?.id ?? 0;
const { chat } = await store.chats.open({ platform: "telegram", address: "ada", kind: "private" }, null, now);
await store.subscriptions.begin(chat.id, now);
const say = (line: string): Promise<void> => new Promise((done) => process.stdout.write(`${line}\n`, () => done()));

for (let count = ((await store.articles.latest(1))[0]?.id ?? 0) + 1; ; count += 1) {
  const id = await store.transaction(async (tx) => {
    const added = await tx.articles.add(feed, article(`Article ${count}`), noKeys, now);
    const message = {
      key: `article:${added.id}`,
      lane: "article",
      kind: "article",
      action: "send",
      article: added.id,
    } as const;
    await tx.outbox.add(message, "subscribed", now);
    return added.id;
  });
  await say(`added ${id}`);
  for (const delivery of await store.outbox.claim("telegram", 1, [], now)) {
    await say(`claimed ${delivery.id}`);
    await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: `${delivery.id}` } }, now);
    await say(`sent ${delivery.id}`);
  }
}
