import { nameKey, searchedTexts, termOf } from "#core/article-text";
import { keysOfArticle, keysOfWish } from "#core/language-keys";
import type { Article, FeedId } from "#core/model";
import type { WantsProfile } from "#core/ports";
import { createTermIndex } from "#core/term-index";

/** Tells for which wants an article is, by their ids in no order. Breaking news obeys them like any other. */
export interface Router {
  (article: Article, feed: FeedId): number[];
  /** Takes up further wants; what was known stays. */
  add(profiles: readonly WantsProfile[]): void;
}

/** Wants in the forms in which they are compared. */
interface Profile {
  id: number;
  feeds: ReadonlySet<FeedId> | null;
  /** Under which an article's language is found; null for every language. */
  languages: ReadonlySet<string> | null;
}

/** Places in the list of profiles, by what must be found in an article before they are looked at. */
type Places<Key> = Map<Key, number[]>;

/**
 * Makes wants ready to be matched. Each stands in the index under its most telling part, so that an article meets only
 * wants of which something may hold: topics and followed words, else feeds, else languages, else always. What one of
 * `mutes` stands in goes to nobody who muted it. Followed and muted words count where they stand in the article's words
 * or in the name of one of its topics.
 */
export function createRouter(known: readonly WantsProfile[] = []): Router {
  const profiles: Profile[] = [];
  const terms = createTermIndex();
  const following: Places<string> = new Map();
  const muting: Places<string> = new Map();
  const byTopic: Places<string> = new Map();
  const byFeed: Places<FeedId> = new Map();
  const byLanguage: Places<string> = new Map();
  const always: number[] = [];

  const addTerms = (words: readonly string[], places: Places<string>, place: number): void => {
    for (const term of words.map(termOf)) {
      terms.add(term);
      put(places, term.text, place);
    }
  };

  const add = ({ id, wants }: WantsProfile): void => {
    const { feeds = [], topics = [], follows = [], mutes = [], languages = [] } = wants;
    const tongues = languages.flatMap(keysOfWish);
    const place = profiles.length;
    profiles.push({
      id,
      feeds: feeds.length > 0 ? new Set(feeds) : null,
      languages: tongues.length > 0 ? new Set(tongues) : null,
    });
    addTerms(mutes, muting, place);
    addTerms(follows, following, place);
    for (const topic of topics) put(byTopic, nameKey(topic), place);
    if (topics.length > 0 || follows.length > 0) return;
    if (feeds.length > 0) for (const feed of feeds) put(byFeed, feed, place);
    else if (tongues.length > 0) for (const tongue of tongues) put(byLanguage, tongue, place);
    else always.push(place);
  };

  const route = (article: Article, feed: FeedId): number[] => {
    const found = new Set(searchedTexts(article).flatMap((text) => [...terms.foundIn(text)]));
    const tongues = keysOfArticle(article);
    /** Profiles that need no further look: muted, or looked at under another word. */
    const isSettled = new Uint8Array(profiles.length);
    for (const term of found) for (const place of muting.get(term) ?? []) isSettled[place] = 1;
    const ids: number[] = [];
    const consider = (places: readonly number[] = []): void => {
      for (const place of places) {
        const profile = profiles[place];
        if (!profile || isSettled[place] === 1) continue;
        isSettled[place] = 1;
        if (holds(profile, article, feed, tongues)) ids.push(profile.id);
      }
    };
    for (const term of found) consider(following.get(term));
    for (const topic of article.topics) consider(byTopic.get(nameKey(topic)));
    consider(byFeed.get(feed));
    for (const tongue of tongues) consider(byLanguage.get(tongue));
    consider(always);
    return ids;
  };

  const router = Object.assign(route, { add: (more: readonly WantsProfile[]) => more.forEach(add) });
  router.add(known);
  return router;
}

function put<Key>(places: Places<Key>, key: Key, place: number): void {
  const there = places.get(key);
  if (there) there.push(place);
  else places.set(key, [place]);
}

/** Feed and language are as wished. Who chose a feed gets all of it that does not say its language, whatever its script. */
function holds({ feeds, languages }: Profile, { language }: Article, feed: FeedId, tongues: string[]): boolean {
  if (feeds !== null && !feeds.has(feed)) return false;
  if (languages === null || (language === null && feeds !== null)) return true;
  return tongues.some((tongue) => languages.has(tongue));
}
