import { nameKey, termOf } from "#core/article-text";
import { normalHours } from "#core/hours/normal";
import { hoursWords } from "#core/hours/words";
import { comparableTag } from "#core/language";
import type { FeedId, Preferences, Wants } from "#core/model";
import { direction } from "#core/text";

/** Topics, followed words, muted words and languages that one chat may name, of each. */
export const mostEntries = 50;
/** Characters of a topic or a word that a chat may name. */
export const longestEntry = 60;

/**
 * Preferences in one form: no blanks, no doubles, at most as much as is allowed, in alphabetical order, and nothing that
 * only says what holds anyway. Chats that want the same then share one row of wants.
 */
export function normalPreferences(preferences: Preferences): Preferences {
  const { feeds, topics, follows, mutes, languages, silent, template } = preferences;
  const hours = normalHours(preferences.hours);
  return {
    ...given("feeds", [...new Set(feeds)].sort((a, b) => a - b).slice(0, mostEntries)),
    ...given("topics", entries(topics, nameKey)),
    ...given("follows", entries(follows, wordKey)),
    ...given("mutes", entries(mutes, wordKey)),
    ...given(
      "languages",
      entries(languages?.map(comparableTag), (tag) => tag),
    ),
    ...(silent ? { silent } : {}),
    ...(template === "brief" ? { template } : {}),
    ...(hours ? { hours } : {}),
  };
}

/** What of the preferences decides which articles a chat gets, in its one form; empty for all of them. */
export function wantsOf(preferences: Preferences): Wants {
  const { feeds, topics, follows, mutes, languages } = normalPreferences(preferences);
  return {
    ...(feeds ? { feeds } : {}),
    ...(topics ? { topics } : {}),
    ...(follows ? { follows } : {}),
    ...(mutes ? { mutes } : {}),
    ...(languages ? { languages } : {}),
  };
}

/** True where the chat gets all articles. */
export const wantsAll = (preferences: Preferences): boolean => Object.keys(wantsOf(preferences)).length === 0;

/** True where the chat gets all articles, and each at once. */
export const wantsAllAtOnce = (preferences: Preferences): boolean =>
  wantsAll(preferences) && normalHours(preferences.hours) === undefined;

/** The same for all ways of writing a followed or muted word. */
export const wordKey = (word: string): string => termOf(word).text;

/** A topic or a word as it is kept: on one line, without marks that nobody sees. */
export const cleanEntry = (text: string): string =>
  text
    .replace(/[\s\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, " ")
    .trim()
    .toWellFormed();

function entries(texts: readonly string[] = [], keyOf: (text: string) => string): string[] {
  const byKey = new Map<string, string>();
  for (const text of texts) {
    const entry = [...cleanEntry(text)].slice(0, longestEntry).join("").trim();
    const key = keyOf(entry);
    if (key !== "" && !byKey.has(key) && byKey.size < mostEntries) byKey.set(key, entry);
  }
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
}

const given = <Name extends string, T>(name: Name, list: T[]): { [name in Name]?: T[] } =>
  list.length > 0 ? ({ [name]: list } as { [name in Name]?: T[] }) : {};

interface Wording {
  /** Who gets it, as a sentence begins: "You get", "It gets". */
  gets?: string;
  /** What a feed is called. */
  feedName?(id: FeedId): string;
}

/** What a chat gets and how, in sentences for its people: "You get articles on Sport or with “ferry”. Only in Hebrew." */
export function preferencesWords(
  preferences: Preferences,
  { gets = "You get", feedName = (id) => `feed ${id}` }: Wording = {},
): string {
  const { feeds, topics, follows, mutes, languages, silent, template, hours } = normalPreferences(preferences);
  const wanted = [topics && `on ${either(topics.map(isolated))}`, follows && `with ${either(follows.map(quoted))}`];
  const articles = wanted.filter((part) => part !== undefined).join(", or ");
  return [
    articles ? `${gets} articles ${articles}.` : `${gets} every article.`,
    mutes && `Nothing with ${either(mutes.map(quoted))}.`,
    languages && `Only in ${either(languages.map(languageName))}.`,
    feeds && `Only from ${either(feeds.map((id) => isolated(feedName(id))))}.`,
    silent && "Without a sound, where the platform can.",
    template === "brief" && "Headline and link only.",
    ...(hours ? hoursWords(hours) : []),
  ]
    .filter((sentence) => typeof sentence === "string")
    .join(" ");
}

const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });
/** A longer list is no sentence any more. */
const mostNamed = 12;

function either(names: string[]): string {
  const left = names.length - mostNamed;
  return disjunction.format(left > 1 ? [...names.slice(0, mostNamed), `${left} others`] : names);
}

/** In a sentence that runs the other way a name keeps to itself. */
const isolated = (name: string): string => (direction(name) === "rtl" ? `\u2068${name}\u2069` : name);
const quoted = (word: string): string => `“${isolated(word)}”`;

let languageNames: Intl.DisplayNames | undefined;

/** What English calls a language: "Hebrew" for "he". */
function languageName(tag: string): string {
  languageNames ??= new Intl.DisplayNames("en-GB", { type: "language" });
  try {
    return languageNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
