import { nameKey } from "#core/article-text";
import type { Command } from "#core/commands/command";
import { choiceLine, decide, describe } from "#core/commands/decide";
import { entriesIn, isAll } from "#core/commands/written";
import { nearest } from "#core/nearest";
import type { Store } from "#core/ports";
import { wordKey } from "#core/preferences";
import { plain } from "#core/spans";

/** Topics that nobody used for so long are not offered. */
const lateMs = 30 * 86_400_000;
/** Some newsrooms give each story a dozen keywords: a phone shows the most used ones, and all of these can be chosen. */
const mostShown = 30;
const mostKnown = 1_000;

export const topics: Command = {
  name: "topics",
  summary: "Choose topics",
  adminOnly: false,
  about: "what",
  async run(context) {
    const { store, chat, now, spans, mark } = context;
    const written = entriesIn(spans);
    if (isAll(written)) return decide(context, ({ topics: _, ...rest }) => rest, `${mark}topics shows them.`);
    const known = await topicsOfLate(store, now);
    const preferences = await store.subscriptions.preferences(chat.id);
    const chosen = preferences.topics ?? [];
    if (written.length > 0) {
      const byKey = new Map([...known, ...chosen].map((topic) => [nameKey(topic), topic]));
      const unknown = written.filter((topic) => !byKey.has(nameKey(topic)));
      if (unknown.length > 0) return [plain(notThere(unknown, [...byKey.values()], mark))];
      const names = written.map((topic) => byKey.get(nameKey(topic)) ?? topic);
      const keys = new Set(names.map(wordKey));
      return decide(
        context,
        ({ mutes = [], ...rest }) => ({
          ...rest,
          topics: names,
          mutes: mutes.filter((word) => !keys.has(wordKey(word))),
        }),
        `${mark}topics all takes every topic again.`,
      );
    }
    if (known.length + chosen.length === 0) {
      return [plain(`The articles here carry no topics. ${mark}follow WORD chooses by their words.`)];
    }
    const keys = new Set(chosen.map(nameKey));
    const others = known.filter((topic) => !keys.has(nameKey(topic)));
    const shown = others.slice(0, mostShown);
    const examples = [...chosen, ...others].slice(0, 2).join(", ");
    const lines = [
      await describe(context, preferences),
      ...chosen.map((topic) => choiceLine(true, topic)),
      ...shown.map((topic) => choiceLine(false, topic)),
      ...(others.length > shown.length ? [`and ${others.length - shown.length} more`] : []),
      "",
      `${mark}topics ${examples} chooses, ${mark}topics all takes every topic.`,
    ];
    return [plain(lines.join("\n"))];
  },
};

/** The newsroom's topics of the last month, those of most articles first, each in one spelling. */
export async function topicsOfLate(store: Store, now: Date): Promise<string[]> {
  const counted = await store.articles.topics(new Date(now.getTime() - lateMs), mostKnown);
  const byKey = new Map<string, string>();
  for (const { topic } of counted) {
    const key = nameKey(topic);
    if (key !== "" && !byKey.has(key)) byKey.set(key, topic);
  }
  return [...byKey.values()];
}

function notThere(unknown: string[], known: string[], mark: string): string {
  const [first = ""] = unknown;
  const meant = nearest(first, known);
  const hint = meant.length > 0 ? ` Did you mean ${meant.join(" or ")}?` : "";
  return `There is no topic “${first.slice(0, 60)}” here: nothing is changed.${hint} ${mark}topics lists them.`;
}
