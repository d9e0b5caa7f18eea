import { switchIn } from "#core/commands/written";
import { findPlace } from "#core/hours/places";
import { type Reading, readDigest, readLimit, readQuiet } from "#core/hours/read";
import type { SabbathCalendar } from "#core/hours/sabbath";
import { digestTimes } from "#core/hours/schedule";
import { timesWords } from "#core/hours/words";
import { cityOf, nearestZones, zoneFrom } from "#core/hours/zones";
import type { Hours } from "#core/model";
import { cleanEntry } from "#core/preferences";
import { cut } from "#core/text";
import { dayMs } from "#core/wall-clock";

/** What is known where somebody chooses hours. */
export interface Surroundings {
  now: Date;
  /** The newsroom's zone. */
  zone: string;
  sabbaths: SabbathCalendar;
}

/** One part of a chat's hours that its people choose, by a command and on the command line. */
export interface HoursChoice {
  name: "digest" | "quiet" | "sabbath" | "limit" | "zone";
  summary: string;
  /** Ways of writing it, with what each of them means. */
  ways: readonly (readonly [way: string, means: string])[];
  /** Reads what was written: the hours from now on, or why they cannot be these. */
  read(text: string, hours: Hours, around: Surroundings): Reading | Promise<Reading>;
  /** How it stands, in a few words. */
  state(hours: Hours, zone: string): string;
}

const off = "off";

const digest: HoursChoice = {
  name: "digest",
  summary: "News together, at your hours",
  ways: [
    ["daily 08:00, 18:00", "the news of the day together"],
    ["weekly Friday 14:00", "once a week"],
    ["hourly", "every hour"],
    ["both 18:00", "at once, and again together"],
    [off, "each article at once"],
  ],
  read: readDigest,
  state(hours) {
    const times = hours.delivery ? digestTimes(hours) : null;
    return times ? `${hours.delivery === "both" ? "at once, and " : ""}${timesWords(times)}` : off;
  },
};

const quiet: HoursChoice = {
  name: "quiet",
  summary: "Hours without messages",
  ways: [
    ["22:00-07:00", "nothing comes then, and the rest together afterwards"],
    ["breaking on", "breaking news comes all the same"],
    [off, "no quiet hours"],
  ],
  read: readQuiet,
  state: (hours) => (hours.quiet ? `${hours.quiet.from} to ${hours.quiet.to}` : off),
};

const sabbath: HoursChoice = {
  name: "sabbath",
  summary: "Quiet on Sabbath and holidays",
  ways: [
    ["Jerusalem", "from candle lighting to nightfall there"],
    ["31.78, 35.22", "any place, by latitude and longitude"],
    [off, "news on Sabbath, too"],
  ],
  read: readSabbath,
  state: (hours) => hours.sabbath ?? off,
};

const limit: HoursChoice = {
  name: "limit",
  summary: "So many articles an hour",
  ways: [
    ["5", "so many an hour, and the rest together"],
    [off, "as many as there are"],
  ],
  read: readLimit,
  state: ({ perHour }) => (perHour ? `${perHour} an hour` : off),
};

const zone: HoursChoice = {
  name: "zone",
  summary: "Your clock",
  ways: [
    ["Jerusalem", "by its city, or as Asia/Jerusalem"],
    [off, "the newsroom's clock"],
  ],
  read: readZone,
  state: (hours, newsrooms) => hours.zone ?? newsrooms,
};

/** All of them. Where several are chosen at once, the zone comes first: others are read by it. */
export const hoursChoices: readonly HoursChoice[] = [digest, quiet, sabbath, limit, zone];

async function readSabbath(text: string, hours: Hours, around: Surroundings): Promise<Reading> {
  const { sabbath: _, ...rest } = hours;
  const wished = switchIn([text.trim()]);
  if (wished === false) return rest;
  if (wished === true) return { problem: "Say the place: the sun sets at another time in each." };
  try {
    const place = await findPlace(text, around.sabbaths, hours.zone ?? around.zone);
    if ("name" in place) return await calculable({ ...rest, sabbath: place.name }, around);
    const hint = place.meant.length > 0 ? `Did you mean ${place.meant.join(" or ")}?` : "Take the nearest large city.";
    return { problem: `There is no place “${shown(text)}” here. ${hint}` };
  } catch (error) {
    return { problem: sentence(error) };
  }
}

async function readZone(text: string, hours: Hours, around: Surroundings): Promise<Reading> {
  const { zone: _, ...rest } = hours;
  if (switchIn([text.trim()]) === false) return calculable(rest, around);
  const zone = zoneFrom(text);
  if (zone !== null) return calculable({ ...hours, zone }, around);
  const meant = nearestZones(text);
  const hint = meant.length > 0 ? ` Did you mean ${meant.join(" or ")}?` : " Name a large city in it.";
  return { problem: `There is no zone “${shown(text)}”.${hint}` };
}

/** Hours of which the calendar knows the next Sabbath: who chooses others would get nothing at all. */
async function calculable(hours: Hours, { now, zone, sabbaths }: Surroundings): Promise<Reading> {
  if (!hours.sabbath) return hours;
  try {
    await sabbaths.between(hours.sabbath, hours.zone ?? zone, now, new Date(now.getTime() + 8 * dayMs));
    return hours;
  } catch (error) {
    return { problem: sentence(error) };
  }
}

const shown = (text: string): string => cut(cleanEntry(text), 40);

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The zone of a place whose clock is not that of the hours, as a city; null where it is the same or nobody knows. */
export async function otherClock(hours: Hours, { zone, sabbaths }: Surroundings): Promise<string | null> {
  if (!hours.sabbath) return null;
  const place = (await sabbaths.places()).find(({ name }) => name === hours.sabbath);
  return place && place.zone !== (hours.zone ?? zone) ? cityOf(place.zone) : null;
}
