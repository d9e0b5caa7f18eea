/** No topic that people read is longer, and no article has more of them. */
const longestTopic = 100;
const mostTopics = 50;
/** A longer word is no tag that anybody would touch. */
const longestTag = 40;

/** At most `max` hashtags: letters, digits and underscores of any script, never digits alone, none twice. */
export function hashtagsOf(topics: string[], max: number): string[] {
  const tags = new Map<string, string>();
  for (const topic of topics.slice(0, mostTopics)) {
    if (tags.size >= max) break;
    const word = topic
      .slice(0, longestTopic)
      .toWellFormed()
      .normalize("NFC")
      // Vowel points and the lengthening stroke: not letters, and never part of a name that people search for.
      .replace(/[\u0591-\u05BD\u05BF-\u05C7\u0640\u064B-\u065F\u0670]/g, "")
      .replace(/[\s\p{Pd}/&+]+/gu, "_")
      .replace(/[^\p{L}\p{M}\p{Nd}_]/gu, "")
      .replace(/_{2,}/g, "_")
      .replace(/^[_\p{M}]+|_+$/gu, "");
    const key = word.toLowerCase();
    if (/\p{L}/u.test(word) && word.length <= longestTag && !tags.has(key)) tags.set(key, `#${word}`);
  }
  return [...tags.values()];
}
