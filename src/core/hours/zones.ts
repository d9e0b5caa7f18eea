import { nearest } from "#core/nearest";
import { fold } from "#core/words-in";

/** Names of zones by which nobody means what the list of zones takes them for: "EST" is a clock without summer time. */
const shortest = 5;
const regions = ["Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
/** Cities and countries as people there write them. */
const otherNames: ReadonlyMap<string, string> = new Map(
  [
    ["Asia/Jerusalem", "ירושלים", "תל אביב", "ישראל", "حيفا", "القدس", "Иерусалим", "Израиль", "Тель-Авив", "Haifa"],
    ["America/New_York", "ניו יורק", "Нью-Йорк", "Miami", "Boston", "Washington", "Eastern"],
    ["America/Los_Angeles", "לוס אנג'לס", "San Francisco", "Pacific"],
    ["America/Chicago", "שיקגו", "Central"],
    ["Europe/London", "לונדון", "Лондон", "UK", "England"],
    ["Europe/Paris", "פריז", "Париж", "France"],
    ["Europe/Moscow", "מוסקבה", "Москва"],
    ["Europe/Kyiv", "קייב", "Киев", "Київ"],
  ].flatMap(([zone = "", ...names]) => names.map((name) => [fold(name), zone] as const)),
);

let known: ReadonlyMap<string, string> | undefined;

/** The IANA name of a zone that somebody named by it, by its city or by its country; null for none. */
export function zoneFrom(text: string): string | null {
  const written = text.normalize("NFKC").trim().slice(0, 60);
  const key = fold(written)
    .replace(/[\s_]+/g, " ")
    .trim();
  // "+02:00" is a clock that nobody has: it knows no summer time.
  if (!/^\p{L}/u.test(key)) return null;
  const named = otherNames.get(key) ?? zonesByName().get(key);
  if (named) return named;
  const name = key.replaceAll(" ", "_").replace(/(?<=^|[/_-])\p{L}/gu, (letter) => letter.toUpperCase());
  if (/^(?:utc|gmt)$/.test(key)) return "UTC";
  if (name.includes("/")) return valid(name);
  for (const region of regions) {
    const found = valid(`${region}/${name}`);
    if (found) return found;
  }
  return name.length < shortest || valid(name) === null ? null : resolved(name);
}

/** Zones that somebody may have meant, by the names of their cities. */
export const nearestZones = (text: string): string[] =>
  nearest(text, [...new Set([...zonesByName().values()].map(cityOf))]);

/** "New York" for "America/New_York". */
export const cityOf = (zone: string): string => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");

/** By their whole names and by their cities. */
function zonesByName(): ReadonlyMap<string, string> {
  if (known) return known;
  const zones = Intl.supportedValuesOf("timeZone");
  known = new Map([
    ...zones.map((zone) => [fold(cityOf(zone)), zone] as const),
    ...zones.map((zone) => [fold(zone).replaceAll("_", " "), zone] as const),
  ]);
  return known;
}

const resolved = (timeZone: string): string => new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;

/** The name where there is such a zone. Most systems know more of them than they list. */
function valid(timeZone: string): string | null {
  try {
    resolved(timeZone);
    return timeZone;
  } catch {
    return null;
  }
}
