import type { CommandContext } from "#core/commands/command";
import type { Chat, Feed, Preferences, Span } from "#core/model";
import { planHours } from "#core/plan-hours";
import { longestEntry, mostEntries, normalPreferences, preferencesWords, wordKey } from "#core/preferences";
import { plain } from "#core/spans";
import { cut } from "#core/text";

/**
 * Changes what the chat decides, where its writer may decide for it, and answers with what it gets from now on. A change
 * that cannot be made answers why instead.
 */
export async function decide(
  context: CommandContext,
  change: (preferences: Preferences) => Preferences | string,
  next: string,
): Promise<Span[]> {
  const { store, chat, from, mark, now } = context;
  if (!from.isAdmin && !from.governsChat) return [plain("Only this group's admins can change what comes here.")];
  const changed = change(await store.subscriptions.preferences(chat.id));
  if (typeof changed === "string") return [plain(changed)];
  const excess = excessOf(changed);
  if (excess !== null) return [plain(excess)];
  const preferences = normalPreferences(changed);
  await store.subscriptions.setPreferences(chat.id, preferences, now);
  const { timeZone, sabbaths } = context.newsroom;
  await planHours({ store, now, zone: timeZone, sabbaths }, "new");
  const isSubscribed = await store.subscriptions.has(chat.id);
  const outlook = isSubscribed ? next : `Nothing comes here until ${mark}start.`;
  return [plain(`${await describe(context, preferences)}\n${outlook}`)];
}

/** Says what is more than a chat may name; null where nothing is. */
export function excessOf(preferences: Preferences): string | null {
  for (const part of ["feeds", "topics", "follows", "mutes", "languages"] as const) {
    const entries = (preferences[part] ?? []).map(String);
    const long = entries.find((entry) => [...entry].length > longestEntry);
    if (long !== undefined) {
      return `“${cut(long, 20)}” has more than ${longestEntry} characters: put a comma after each word.`;
    }
    if (new Set(entries.map(wordKey)).size > mostEntries) {
      return `A chat can name ${mostEntries} of them at most: nothing is changed.`;
    }
  }
  return null;
}

/** What a chat gets and how, in sentences. */
export async function describe(
  { store, chat }: Pick<CommandContext, "store" | "chat">,
  preferences: Preferences,
): Promise<string> {
  const feeds = preferences.feeds ? await store.feeds.list() : [];
  return preferencesWords(preferences, {
    gets: getters[chat.kind],
    feedName: (id) => {
      const feed = feeds.find((candidate) => candidate.id === id);
      return feed ? feedName(feed) : "a feed that ended";
    },
  });
}

const getters: Readonly<Record<Chat["kind"], string>> = {
  private: "You get",
  group: "This group gets",
  channel: "This channel gets",
};

/** A feed as readers know it. Its address may hold what only the newsroom should see. */
export function feedName({ id, title, url }: Pick<Feed, "id" | "title" | "url">): string {
  if (title) return title;
  return (URL.canParse(url) && new URL(url).hostname) || `Feed ${id}`;
}

/** A line of a list from which is chosen. */
export const choiceLine = (isChosen: boolean, name: string): string => `${isChosen ? "✓" : "·"} ${name}`;
