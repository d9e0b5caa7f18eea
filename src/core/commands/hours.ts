import type { Command, CommandContext } from "#core/commands/command";
import { decide, describe } from "#core/commands/decide";
import { type HoursChoice, hoursChoices, otherClock, type Surroundings } from "#core/hours/choices";
import type { Hours, Span } from "#core/model";
import { plain, textOf } from "#core/spans";
import { timeOfDay } from "#core/text";

/** Longer than any hours are written. */
const longestWritten = 500;

/** When a chat is told: `/digest`, `/quiet`, `/sabbath`, `/limit` and `/zone`. */
export const hoursCommands: readonly Command[] = hoursChoices.map((choice) => ({
  name: choice.name,
  summary: choice.summary,
  adminOnly: false,
  about: "when",
  run: (context) => run(choice, context),
}));

async function run(choice: HoursChoice, context: CommandContext): Promise<Span[]> {
  const { store, chat, mark } = context;
  const around = aroundOf(context);
  const written = textOf(context.spans).slice(0, longestWritten).trim();
  const preferences = await store.subscriptions.preferences(chat.id);
  const hours = preferences.hours ?? {};
  if (written === "") {
    const ways = choice.ways.map(([way, means]) => `${mark}${choice.name} ${way} – ${means}`);
    return [plain([await describe(context, preferences), clockWords(hours, around), "", ...ways].join("\n"))];
  }
  const read = await choice.read(written, hours, around);
  if ("problem" in read) {
    const [[example] = [""]] = choice.ways;
    return decide(
      context,
      () => `${read.problem} Nothing is changed; write it as in ${mark}${choice.name} ${example}`,
      "",
    );
  }
  return decide(context, (before) => ({ ...before, hours: read }), await outlook(choice, read, context));
}

const aroundOf = ({ now, newsroom: { timeZone, sabbaths } }: CommandContext): Surroundings => ({
  now,
  zone: timeZone,
  sabbaths,
});

/** "It is 18:42 by the clock of Asia/Jerusalem." */
const clockWords = (hours: Hours, { now, zone }: Surroundings): string => {
  const timeZone = hours.zone ?? zone;
  return `It is ${timeOfDay(now, timeZone)} by the clock of ${timeZone}.`;
};

/** What the chooser may want to do next. */
async function outlook({ name }: HoursChoice, hours: Hours, context: CommandContext): Promise<string> {
  const { mark } = context;
  const around = aroundOf(context);
  const clock = hours.zone ? [] : [`${clockWords(hours, around)} ${mark}zone names another.`];
  const lets = hours.breaking ? [] : [`${mark}quiet breaking on lets breaking news through.`];
  const ends = `${mark}${name} off takes it back.`;
  switch (name) {
    case "digest":
      return hours.delivery ? [...clock, ...(hours.delivery === "digest" ? lets : []), ends].join("\n") : shows(mark);
    case "quiet":
      return hours.quiet ? [...clock, ...lets, ends].join("\n") : shows(mark);
    case "sabbath": {
      const city = await otherClock(hours, around);
      const zone = city === null ? [] : [`${mark}zone ${city} sets your clock to that of the place.`];
      return hours.sabbath ? [...zone, ...lets, ends].join("\n") : shows(mark);
    }
    case "limit":
      return hours.perHour ? ends : shows(mark);
    case "zone":
      return hours.zone ? `${clockWords(hours, around)}\n${ends}` : clockWords(hours, around);
    default:
      return name satisfies never;
  }
}

const shows = (mark: string): string => `${mark}settings shows all that is decided here.`;
