import type { Place, SabbathCalendar } from "#core/hours/sabbath";
import { nearest } from "#core/nearest";
import { fold } from "#core/words-in";

/** Cities as people there write them, and the spellings of Hebcal's that are found by them. */
const otherNames: ReadonlyMap<string, string> = new Map(
  [
    ["Jerusalem", "ירושלים", "القدس", "Иерусалим"],
    ["Tel Aviv", "תל אביב", "תל אביב-יפו", "Тель-Авив", "Jaffa"],
    ["Haifa", "חיפה", "حيفا", "Хайфа"],
    ["Beer Sheva", "באר שבע", "Beersheba", "Be'er Sheva", "Беэр-Шева"],
    ["Ashdod", "אשדוד", "Ашдод"],
    ["Eilat", "אילת", "Эйлат"],
    ["Tiberias", "טבריה", "Тверия"],
    ["Petach Tikvah", "פתח תקווה", "פתח תקוה", "Petah Tikva", "Petah Tikvah"],
    ["New York", "ניו יורק", "NYC", "Brooklyn", "Нью-Йорк"],
    ["London", "לונדון", "Лондон"],
    ["Kiev", "Kyiv", "קייב", "Киев"],
    ["Moscow", "מוסקבה", "Москва"],
    ["Saint Petersburg", "St. Petersburg", "St Petersburg", "Санкт-Петербург"],
    ["Saint Louis", "St. Louis", "St Louis"],
    ["Marseilles", "Marseille"],
    ["Washington DC", "Washington", "Washington, DC"],
  ].flatMap(([place = "", ...names]) => names.map((name) => [fold(name), place] as const)),
);

/** By so many degrees the sun's time differs by seconds: nobody's house has to be kept. */
const digits = 2;

/** A place of the calendar by its name, or by "31.78,35.22"; else the names that may have been meant. */
export async function findPlace(
  text: string,
  calendar: SabbathCalendar,
  zone: string,
): Promise<Place | { meant: string[] }> {
  const [, north, east] = (
    /^\(?(-?\d{1,2}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\)?$/.exec(text.trim()) ?? []
  ).map(Number);
  if (north !== undefined && east !== undefined && Math.abs(north) <= 90 && Math.abs(east) <= 180) {
    return { name: `${short(north)},${short(east)}`, zone };
  }
  const key = fold(text).trim();
  const wanted = fold(otherNames.get(key) ?? key);
  const places = await calendar.places();
  const found = places.find(({ name }) => fold(name) === wanted);
  return (
    found ?? {
      meant: nearest(
        text,
        places.map(({ name }) => name),
      ),
    }
  );
}

const short = (degrees: number): string => String(Number(degrees.toFixed(digits)));
