import { parseArgs } from "node:util";
import { nameKey } from "#core/article-text";
import { excessOf, feedName } from "#core/commands/decide";
import { topicsOfLate } from "#core/commands/topics";
import { entriesIn, isAll, switchIn } from "#core/commands/written";
import { type HoursChoice, hoursChoices, type Surroundings } from "#core/hours/choices";
import { languageFrom } from "#core/languages";
import type { FeedId, Hours, Preferences } from "#core/model";
import { nearest } from "#core/nearest";
import { planHours } from "#core/plan-hours";
import type { Store } from "#core/ports";
import { normalPreferences } from "#core/preferences";
import { plain as span } from "#core/spans";
import { print } from "../environment.ts";
import { Misuse, orMisuse } from "../misuse.ts";
import { counted, plain } from "../say.ts";
import { type Desk, findChat } from "./desk.ts";
import { chatName } from "./say.ts";

const several = { type: "string", multiple: true } as const;
const options = {
  topics: several,
  follow: several,
  mute: several,
  language: several,
  feeds: several,
  silent: { type: "string" },
  style: { type: "string" },
  digest: { type: "string" },
  quiet: several,
  sabbath: { type: "string" },
  limit: { type: "string" },
  zone: { type: "string" },
  clear: { type: "boolean", default: false },
} as const;

/** `crier chats set CHAT …`: decides for a chat, and so for all chats of the same person. */
export async function setChat(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values, positionals } = orMisuse("", () => parseArgs({ args, options, allowPositionals: true }));
  const [named, ...more] = positionals;
  if (named === undefined || more.length > 0) {
    throw new Misuse("Name one chat, by its id, its address or its title; what holds a space stands in quotes.");
  }
  const { feeds, topics, clear, ...written } = values;
  if (!clear && Object.keys(values).length === 1) throw new Misuse("Say what is to be set, or --clear.");
  // Before the store is opened: what is written wrongly is wrong for every chat.
  const wished: Preferences = {
    ...(topics ? { topics: listOf(topics) } : {}),
    ...(written.follow ? { follows: listOf(written.follow) } : {}),
    ...(written.mute ? { mutes: listOf(written.mute) } : {}),
    ...(written.language ? { languages: listOf(written.language).map(languageIn) } : {}),
    ...(written.silent === undefined ? {} : { silent: switchOf(written.silent) }),
    ...(written.style === undefined ? {} : { template: styleOf(written.style) }),
  };
  const opened = await desk();
  const { store, now, zone, sabbaths } = opened;
  const chat = await findChat(opened, named);
  const known = topics ? await topicsOfLate(store, now) : [];
  if (wished.topics) wished.topics = wished.topics.map((topic) => known.find((other) => isSame(other, topic)) ?? topic);
  if (feeds) wished.feeds = await feedsNamed(store, listOf(feeds));
  const preferences = await store.transaction(async (tx) => {
    const before = clear ? {} : await tx.subscriptions.preferences(chat.id);
    const hours = await hoursAfter(before.hours ?? {}, written, opened);
    const wanted = { ...before, ...wished, hours };
    const excess = excessOf(wanted);
    if (excess !== null) throw new Misuse(excess);
    const after = normalPreferences(wanted);
    await tx.subscriptions.setPreferences(chat.id, after, now);
    await planHours({ store: tx, now, zone, sabbaths }, "new");
    return after;
  });
  print(`${chatName(chat)}: ${await opened.words({ preferences })}`);
  for (const topic of wished.topics ?? []) {
    if (known.includes(topic)) continue;
    const meant = nearest(topic, known);
    const hint = meant.length > 0 ? ` Did you mean ${meant.join(" or ")}?` : "";
    print(plain(`No article of the last month has the topic “${topic}”.${hint}`));
  }
  const others = (await store.subscriptions.linked(chat.id)).length;
  if (others > 0) print(`The same goes for ${counted(others, "linked chat")}.`);
  return 0;
}

/** Between commas; "all" and an empty text take away what was there. */
function listOf(texts: string[]): string[] {
  const entries = texts.flatMap((text) => entriesIn([span(text)]));
  return isAll(entries) ? [] : entries;
}

const isSame = (one: string, other: string): boolean => nameKey(one) === nameKey(other);

function languageIn(text: string): string {
  const tag = languageFrom(text);
  if (tag === null) throw new Misuse(`--language '${text}' is no language. Write it as in he,en or English.`);
  return tag;
}

function switchOf(text: string): boolean {
  const wished = switchIn(entriesIn([span(text)]));
  if (wished === null) throw new Misuse(`--silent is on or off; '${text}' is neither.`);
  return wished;
}

function styleOf(text: string): "full" | "brief" {
  if (text !== "full" && text !== "brief") throw new Misuse(`--style is full or brief; '${text}' is neither.`);
  return text;
}

/** Hours after what was written of each of their parts; the zone first, since others are read by it. */
async function hoursAfter(
  before: Hours,
  written: { [name in HoursChoice["name"]]?: string | string[] },
  around: Surroundings,
): Promise<Hours> {
  let hours = before;
  const isZone = ({ name }: HoursChoice): boolean => name === "zone";
  const inTurn = [...hoursChoices.filter(isZone), ...hoursChoices.filter((choice) => !isZone(choice))];
  for (const { name, read, ways } of inTurn) {
    for (const text of [written[name] ?? []].flat()) {
      const after = await read(text.trim() === "" ? "off" : text, hours, around);
      if ("problem" in after) throw new Misuse(`${after.problem} Write it as in --${name} '${ways[0]?.[0]}'.`);
      hours = after;
    }
  }
  return hours;
}

/** By id, name or address. */
async function feedsNamed(store: Store, names: string[]): Promise<FeedId[]> {
  const feeds = await store.feeds.list();
  return names.map((name) => {
    const found = feeds.find(
      (feed) => String(feed.id) === name || isSame(feedName(feed), name) || feed.address === name || feed.url === name,
    );
    if (!found) throw new Misuse(`There is no feed ${name}. “crier feeds” lists those that there are.`);
    return found.id;
  });
}
