import { headline } from "./text.ts";

/** Topics, or authors, of one article: more are a search engine's keywords. */
export const mostNames = 10;
/** Of so many the distinct ones are looked for. */
const mostLooked = 500;
/** A longer one is a sentence. */
const longestName = 80;

/** Topics or authors as plain text: each once whatever its case, in their order. */
export function distinctNames(raw: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const text of raw.slice(0, mostLooked)) {
    const name = headline(text);
    const key = name.toLowerCase();
    if (name && name.length <= longestName && !names.has(key)) names.set(key, name);
  }
  return [...names.values()];
}

/** Categories by which newsrooms mark breaking news. */
const breakingNames = new Set(["breaking", "breaking news", "breakingnews", "מבזק", "מבזקים", "عاجل", "срочно"]);

/** True for a topic, or a kicker, by which a newsroom marks breaking news. */
export const isBreakingName = (name: string): boolean => breakingNames.has(name.toLowerCase());
