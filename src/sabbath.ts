import type { CalOptions, Location } from "@hebcal/core";
import type { Interval } from "#core/hours/interval";
import type { Place, SabbathCalendar } from "#core/hours/sabbath";
import { dayIn, offsetAt } from "#core/text";
import { dayMs } from "#core/wall-clock";

type Hebcal = typeof import("@hebcal/core");

/** Hebcal counts days from the first of its year 1; 1970-01-01 was this one. */
const firstDay = 719_163;
/** The sun's centre is so many degrees below the horizon when three small stars can be seen: what Hebcal takes by default. */
const nightfall = 8.5;
/** Holidays beside a Sabbath last three days at most. */
const longestRun = 3;
/** Clocks are further from the sun's time than this nowhere on earth: then place and zone do not belong together. */
const mostOffSunMs = 4 * 3_600_000;
/** Hours of many chats at one place are planned at once, at the end of Sabbath. */
const mostRemembered = 200;

/** The calendar that `@hebcal/core` calculates, loaded when it is first asked: few newsrooms need it. */
export function createSabbaths(load: () => Promise<Hebcal> = () => import("@hebcal/core")): SabbathCalendar {
  let loading: Promise<Hebcal> | undefined;
  let known: Place[] | undefined;
  const remembered = new Map<string, Interval[]>();

  const loaded = async (): Promise<Hebcal> => {
    try {
      return await (loading ??= load());
    } catch (cause) {
      // Whoever installs it meanwhile need not start Crier again.
      loading = undefined;
      throw new Error(
        "The package @hebcal/core, which knows Sabbath and holidays, cannot be loaded: run npm install.",
        {
          cause,
        },
      );
    }
  };

  return {
    async places() {
      const { Location } = await loaded();
      if (!known) {
        const { default: cities } = await import("@hebcal/core/dist/esm/cities.json");
        const named = cities.map((city) => Location.lookup(city.split("|", 1)[0] ?? ""));
        known = named.flatMap((place) => (place ? [{ name: place.getName() ?? "", zone: place.getTzid() }] : []));
      }
      return known;
    },

    async between(place, zone, since, until) {
      const hebcal = await loaded();
      const location = locate(hebcal, place, zone);
      const first = dayIn(since, location.getTzid());
      const last = dayIn(until, location.getTzid());
      const key = [place, zone, first, last].join(" ");
      let found = remembered.get(key);
      if (!found) {
        found = holyDays(hebcal, location, first, last);
        if (remembered.size >= mostRemembered) remembered.clear();
        remembered.set(key, found);
      }
      return found.filter(({ from, to }) => to > since && from <= until);
    },
  };
}

/** Israel keeps one day of most holidays, and other countries two: here its borders are a box that holds it, and its zone. */
const isInIsrael = (latitude: number, longitude: number, zone: string): boolean =>
  /^(Asia\/(Jerusalem|Tel_Aviv)|Israel)$/.test(zone) &&
  latitude > 29.4 &&
  latitude < 33.5 &&
  longitude > 34.2 &&
  longitude < 35.95;

function locate({ Location }: Hebcal, place: string, zone: string): Location {
  const [, latitude, longitude] = (/^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(place) ?? []).map(Number);
  if (latitude === undefined || longitude === undefined) {
    const found = Location.lookup(place);
    if (!found) throw new Error(`There is no place ${place} in the calendar of Sabbath and holidays.`);
    return found;
  }
  const offSun = offsetAt(Date.UTC(2026, 0, 1), zone) - longitude * (dayMs / 360);
  if (Math.abs(offSun - Math.round(offSun / dayMs) * dayMs) > mostOffSunMs) {
    throw new Error(`At ${place} the clocks are not those of ${zone}: name the zone of the place, too.`);
  }
  return new Location(latitude, longitude, isInIsrael(latitude, longitude, zone), zone, place);
}

/** Sabbaths and holidays that touch these days. Hebcal leaves a time out where there is no such moment: then it is missed here. */
function holyDays(hebcal: Hebcal, location: Location, first: number, last: number): Interval[] {
  const start = first - longestRun - 1;
  const end = last + longestRun + 1;
  const options: CalOptions = {
    start: start + firstDay,
    end: end + firstDay,
    location,
    il: location.getIsrael(),
    candlelighting: true,
    havdalahDeg: nightfall,
    noMinorFast: true,
    noModern: true,
    noRoshChodesh: true,
    noSpecialShabbat: true,
  };
  const lit = new Map<number, Date>();
  const over = new Map<number, Date>();
  const holidays = new Set<number>();
  for (const event of hebcal.HebrewCalendar.calendar(options)) {
    const day = event.getDate().abs() - firstDay;
    if (event instanceof hebcal.CandleLightingEvent) lit.set(day, event.eventTime);
    else if (event instanceof hebcal.HavdalahEvent) over.set(day, event.eventTime);
    else if ((event.getFlags() & hebcal.flags.CHAG) !== 0) holidays.add(day);
  }
  const isHoly = (day: number): boolean => (((day + 5) % 7) + 7) % 7 === 0 || holidays.has(day);
  const found: Interval[] = [];
  for (let day = start + 1; day <= last + 1; day++) {
    if (!isHoly(day) || isHoly(day - 1)) continue;
    let ending = day;
    while (isHoly(ending + 1)) ending += 1;
    if (ending < first) continue;
    const from = inEvening(hebcal, location, day - 1, lit.get(day - 1) ?? null);
    const to = inEvening(hebcal, location, ending, over.get(ending) ?? darkest(hebcal, location, ending));
    if (!from || !to) {
      const date = new Date(day * dayMs).toISOString().slice(0, 10);
      throw new Error(
        `Around ${date} the sun does not set at ${location.getName()}: nobody can say when Sabbath is there.`,
      );
    }
    found.push({ from, to });
  }
  return found;
}

/** Where summer nights are never dark: when they are darkest, if the sun sets at all. */
function darkest({ HDate, Zmanim }: Hebcal, location: Location, day: number): Date | null {
  const sunset = new Zmanim(location, new HDate(day + firstDay), false).sunset();
  const midnight = new Zmanim(location, new HDate(day + 1 + firstDay), false).chatzotNight();
  return Number.isNaN(sunset.getTime()) || Number.isNaN(midnight.getTime()) ? null : midnight;
}

/**
 * The moment within the 24 hours after a day's noon, by the sun: near the date line, and where the sun sets after midnight,
 * Hebcal's may be that of the day before or after.
 */
function inEvening({ HDate, Zmanim }: Hebcal, location: Location, day: number, at: Date | null): Date | null {
  const transit = new Zmanim(location, new HDate(day + firstDay), false).chatzot();
  if (!at || Number.isNaN(transit.getTime())) return null;
  const noon = transit.getTime() + (day - dayIn(transit, location.getTzid())) * dayMs;
  return new Date(at.getTime() - Math.floor((at.getTime() - noon) / dayMs) * dayMs);
}
