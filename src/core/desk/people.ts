import { commandLine } from "#core/broadcast/say";
import type { ArticleAudit, Author, Store } from "#core/ports";

/** The same text for all accounts of one person, as far as they linked their chats. */
export async function personKey(store: Store, { platform, person }: Author): Promise<string> {
  const chat = await store.chats.find(platform, person);
  if (!chat) return `${platform}:${person}`;
  const linked = await store.subscriptions.linked(chat.id);
  return `chat:${Math.min(chat.id, ...linked.map(({ id }) => id))}`;
}

/** Who let an article go since its words became what they are, each person once. */
export async function approversOf(store: Store, steps: readonly ArticleAudit[]): Promise<Set<string>> {
  const approvers = new Set<string>();
  for (const { step, by } of steps) {
    if (step === "held" || step === "revised" || step === "corrected") approvers.clear();
    else if (step === "approved" && by) approvers.add(await personKey(store, by));
  }
  return approvers;
}

/** "Edna on telegram", "you", "root on the command line": who did something, for other editors. */
export async function nameOf(store: Store, by: Author, asked: Author | null): Promise<string> {
  if (asked && (await personKey(store, by)) === (await personKey(store, asked))) return "you";
  if (by.platform === commandLine) return `${by.person} on the command line`;
  const chat = await store.chats.find(by.platform, by.person);
  return `${chat?.title ?? "an editor"} on ${by.platform}`;
}
