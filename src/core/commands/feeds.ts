import { nameKey } from "#core/article-text";
import type { Command } from "#core/commands/command";
import { choiceLine, decide, describe, feedName } from "#core/commands/decide";
import { entriesIn, isAll } from "#core/commands/written";
import type { Feed } from "#core/model";
import { nearest } from "#core/nearest";
import { plain } from "#core/spans";

/** A phone shows no more of them. */
const mostShown = 60;

export const feeds: Command = {
  name: "feeds",
  summary: "Choose sources",
  adminOnly: false,
  about: "what",
  isOffered: async (store) => (await store.feeds.list()).length > 1,
  async run(context) {
    const { store, chat, spans, mark } = context;
    const list = await store.feeds.list();
    const [only] = list;
    if (!only) return [plain("No feed is read yet: articles come as soon as the newsroom adds one.")];
    const written = entriesIn(spans);
    const preferences = await store.subscriptions.preferences(chat.id);
    if (isAll(written)) {
      return decide(context, ({ feeds: _, ...rest }) => rest, `${mark}feeds lists them.`);
    }
    if (list.length === 1 && !preferences.feeds) {
      return [plain(`There is one feed here, ${feedName(only)}: every article comes from it.`)];
    }
    if (written.length > 0) {
      const found = written.map((name) => feedOf(list, name));
      const unknown = written[found.indexOf(null)];
      if (unknown !== undefined) {
        const meant = nearest(unknown, list.map(feedName));
        const hint = meant.length > 0 ? ` Did you mean ${meant.join(" or ")}?` : "";
        return [
          plain(`There is no feed “${unknown.slice(0, 60)}” here: nothing is changed.${hint} ${mark}feeds lists them.`),
        ];
      }
      const ids = found.filter((feed) => feed !== null).map(({ id }) => id);
      return decide(context, (rest) => ({ ...rest, feeds: ids }), `${mark}feeds all takes every feed again.`);
    }
    const lines = [
      await describe(context, preferences),
      ...list
        .slice(0, mostShown)
        .map((feed, index) =>
          choiceLine(preferences.feeds?.includes(feed.id) === true, `${index + 1}. ${feedName(feed)}`),
        ),
      "",
      `${mark}feeds 1, 2 chooses, ${mark}feeds all takes every feed.`,
    ];
    return [plain(lines.join("\n"))];
  },
};

/** By its number in the list, or by its name. */
function feedOf(list: Feed[], written: string): Feed | null {
  const byNumber = /^\d{1,4}$/.test(written) ? list[Number(written) - 1] : undefined;
  return byNumber ?? list.find((feed) => nameKey(feedName(feed)) === nameKey(written)) ?? null;
}
