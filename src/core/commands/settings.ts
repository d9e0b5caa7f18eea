import type { Command } from "#core/commands/command";
import { decide, describe } from "#core/commands/decide";
import { hoursChoices } from "#core/hours/choices";
import { plain } from "#core/spans";

export const settings: Command = {
  name: "settings",
  summary: "All that you chose",
  adminOnly: false,
  about: "how",
  async run({ store, chat, mark, newsroom }) {
    const preferences = await store.subscriptions.preferences(chat.id);
    const { topics, follows, mutes, languages, feeds, silent: isSilent, template, hours = {} } = preferences;
    const linked = await store.subscriptions.linked(chat.id);
    const severalFeeds = (await store.feeds.list()).length > 1;
    const lines = [
      await describe({ store, chat }, preferences),
      ...((await store.subscriptions.has(chat.id)) ? [] : [`Nothing comes here until ${mark}start.`]),
      "",
      `${mark}topics – ${counted(topics, "chosen", "all")}`,
      `${mark}follow – ${counted(follows, "followed", "none")}`,
      `${mark}mute – ${counted(mutes, "muted", "none")}`,
      `${mark}language – ${counted(languages, "chosen", "all")}`,
      ...(severalFeeds ? [`${mark}feeds – ${counted(feeds, "chosen", "all")}`] : []),
      ...hoursChoices.map(({ name, state }) => `${mark}${name} – ${state(hours, newsroom.timeZone)}`),
      `${mark}silent ${isSilent ? "off" : "on"} – sound ${isSilent ? "on" : "off"}`,
      `${mark}style ${template === "brief" ? "full – with picture and summary" : "brief – headline and link only"}`,
      ...(chat.kind === "private" && linked.length === 0 ? [`${mark}link – the same choices in your other chat`] : []),
      ...(linked.length > 0
        ? [`${mark}unlink – ${linked.length} other ${linked.length === 1 ? "chat" : "chats"}`]
        : []),
      `${mark}reset – every article at once, as at the beginning`,
    ];
    return [plain(lines.join("\n"))];
  },
};

export const reset: Command = {
  name: "reset",
  summary: "Take all choices back",
  adminOnly: false,
  about: "how",
  run: (context) => decide(context, () => ({}), `${context.mark}settings shows what can be decided.`),
};

const counted = (list: readonly unknown[] | undefined, done: string, otherwise: string): string =>
  list && list.length > 0 ? `${list.length} ${done}` : otherwise;
