import type { ChatId, ChatKind } from "#core/model";
import type { AudienceFilter, BroadcastAudience, PlatformCount, Store } from "#core/ports";
import { createRouter } from "#core/wants";

const kinds: Readonly<Record<string, ChatKind>> = {
  group: "group",
  groups: "group",
  channel: "channel",
  channels: "channel",
  private: "private",
};

/** What may follow "to", for people. */
export const audienceHelp = "a platform, groups, channels, private, topic:Sport, or several with + between them";

/**
 * Reads "telegram", "groups", "telegram+groups", "topic:Sport", "all" or "here". Null for anything else: it is the
 * beginning of what the editor wants to say.
 */
export function readAudience(
  text: string,
  { platforms, here }: { platforms: readonly string[]; here: ChatId | null },
): BroadcastAudience | null {
  const audience: BroadcastAudience = {};
  for (const part of text.split("+")) {
    const word = part.toLowerCase();
    const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
    const topic = /^topic:["“”„״]?(.+?)["“”„״]?$/iu.exec(part)?.[1]?.trim();
    if (kind) audience.kinds = [...(audience.kinds ?? []), kind];
    else if (platforms.includes(word)) audience.platforms = [...(audience.platforms ?? []), word];
    else if (topic) audience.topic = topic;
    else if (word === "here" && here !== null) audience.chat = here;
    else if (word !== "all") return null;
  }
  return audience;
}

/** Finds out what the store must look for. */
export async function resolveAudience(
  store: Store,
  { chat, platforms, kinds: ofKinds, topic }: BroadcastAudience,
): Promise<AudienceFilter> {
  if (chat !== undefined) return { chat };
  return {
    ...(platforms ? { platforms } : {}),
    ...(ofKinds ? { kinds: ofKinds } : {}),
    ...(topic === undefined ? {} : { wants: await wantsOf(store, topic) }),
  };
}

/** Wants of chats that would get an article of this topic, of whatever feed and in whatever language. */
async function wantsOf(store: Store, topic: string): Promise<number[]> {
  const profiles = (await store.subscriptions.wants()).map(({ id, wants: { topics, follows, mutes } }) => ({
    id,
    wants: { ...(topics ? { topics } : {}), ...(follows ? { follows } : {}), ...(mutes ? { mutes } : {}) },
  }));
  const route = createRouter(profiles);
  const nothing = { kicker: null, summary: null, text: null, image: null, language: null, publishedAt: null };
  const article = { sourceId: "", url: null, title: "", source: "", authors: [], updatedAt: null, breaking: false };
  return route({ ...article, ...nothing, topics: [topic] }, 0);
}

/** "every subscribed chat", "groups on telegram", "chats that would get “Sport”", "one chat alone". */
export function audienceWords({ chat, platforms, kinds: ofKinds, topic }: BroadcastAudience): string {
  if (chat !== undefined) return "one chat alone";
  if (!platforms && !ofKinds && topic === undefined) return "every subscribed chat";
  const which = (ofKinds ?? []).map((kind) => (kind === "private" ? "private chats" : `${kind}s`)).join(" and ");
  const where = platforms ? ` on ${platforms.join(" and ")}` : "";
  const what = topic === undefined ? "" : ` that would get “${topic}”`;
  return `${which || "chats"}${where}${what}`;
}

/** "42 chats: 30 on telegram, 12 on whatsapp". */
export function chatsWords(counts: readonly PlatformCount[]): string {
  const chats = counted(totalOf(counts), "chat");
  if (counts.length === 1 && counts[0]) return `${chats} on ${counts[0].platform}`;
  return counts.length === 0
    ? chats
    : `${chats}: ${counts.map(({ platform, count }) => `${count.toLocaleString("en")} on ${platform}`).join(", ")}`;
}

export const totalOf = (counts: readonly PlatformCount[]): number => counts.reduce((sum, { count }) => sum + count, 0);

export const counted = (count: number, word: string): string =>
  `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
