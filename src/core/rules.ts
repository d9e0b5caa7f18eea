import { finderOf, nameKey, phraseOf, type SearchedText, searchedText, termOf } from "#core/article-text";
import { comparableTag } from "#core/language";
import type { Article, Condition, FeedRules } from "#core/model";
import type { CompilePattern } from "#core/ports";

/** What a feed's rules make of an article. */
export interface Ruling {
  /** Whether it goes out. */
  out: boolean;
  /** Why not, as the end of a sentence: "it has the word “sport”". Null where it goes out. */
  why: string | null;
  /** The article with the topics and the breaking mark that the rules give it. */
  article: Article;
}

/** An article with what conditions look into. */
interface Subject {
  article: Article;
  text: SearchedText;
}

/** Says why a condition or a part of it holds; null where it does not. */
type Check = (subject: Subject) => string | null;

/**
 * Makes a feed's rules ready for use. They count in this order: topics are given first, each seeing those before it; then
 * `exclude`, then `include`, then `breaking`.
 * @throws Error in words for a pattern that is none, and for a list that is empty or holds a blank entry
 */
export function compileRules(rules: FeedRules, compile: CompilePattern): (article: Article) => Ruling {
  const topics = (rules.topics ?? []).map(({ topic, when }) => ({
    topic: topic.trim(),
    holds: compileCondition(when, compile),
  }));
  if (topics.some(({ topic }) => topic === "")) throw new Error("A rule gives a topic that has no name.");
  const include = rules.include?.map((condition) => compileCondition(condition, compile));
  const exclude = rules.exclude?.map((condition) => compileCondition(condition, compile)) ?? [];
  const breaking =
    rules.breaking === "never" ? [] : (rules.breaking?.map((condition) => compileCondition(condition, compile)) ?? []);

  return (given) => {
    const subject: Subject = { article: given, text: searchedText(given) };
    for (const { topic, holds } of topics) {
      if (!subject.article.topics.some((other) => sameName(other, topic)) && holds(subject) !== null) {
        subject.article = { ...subject.article, topics: [...subject.article.topics, topic] };
      }
    }
    const why =
      firstReason(exclude, subject) ?? (include && firstReason(include, subject) === null ? notIncluded : null);
    const { article } = subject;
    const isBreaking = rules.breaking !== "never" && (article.breaking || firstReason(breaking, subject) !== null);
    return {
      out: why === null,
      why,
      article: isBreaking === article.breaking ? article : { ...article, breaking: isBreaking },
    };
  };
}

const notIncluded = "it is none of what the feed's rules let through";

function firstReason(checks: Check[], subject: Subject): string | null {
  for (const check of checks) {
    const reason = check(subject);
    if (reason !== null) return reason;
  }
  return null;
}

function compileCondition({ words, topics, authors, languages, pattern }: Condition, compile: CompilePattern): Check {
  const parts: Check[] = [];
  if (words)
    parts.push(
      oneOf("words", words, (word) => {
        const stands = finderOf(termOf(word));
        return reasonIf(({ text }) => stands(text), `it has the word “${word}”`);
      }),
    );
  if (topics) {
    parts.push(
      oneOf("topics", topics, (topic) =>
        reasonIf(({ article }) => article.topics.some((other) => sameName(other, topic)), `its topic is “${topic}”`),
      ),
    );
  }
  if (authors) {
    parts.push(
      oneOf("authors", authors, (author) => {
        const phrase = phraseOf(author);
        return reasonIf(
          ({ article }) => article.authors.some((other) => phraseOf(other).includes(phrase)),
          `it is by ${author}`,
        );
      }),
    );
  }
  if (languages) {
    parts.push(
      oneOf("languages", languages, (language) => {
        const wanted = comparableTag(language);
        return reasonIf(
          ({ article }) => article.language !== null && `${comparableTag(article.language)}-`.startsWith(`${wanted}-`),
          `its language is “${language}”`,
        );
      }),
    );
  }
  if (pattern !== undefined) {
    const test = compile(pattern);
    parts.push(reasonIf(({ text }) => test(text.plain()), `it matches the pattern “${pattern}”`));
  }
  return (subject) => {
    const reasons: string[] = [];
    for (const part of parts) {
      const reason = part(subject);
      if (reason === null) return null;
      reasons.push(reason);
    }
    return reasons.length === 0 ? "the rule holds for every article" : reasons.join(" and ");
  };
}

/** An empty list would hold for nothing or for everything, depending on who reads it: it is refused. */
function oneOf(name: string, entries: string[], compileEntry: (entry: string) => Check): Check {
  const given = entries.map((entry) => entry.trim());
  if (given.length === 0) throw new Error(`A rule's list of ${name} is empty: leave it out, or name at least one.`);
  if (given.includes("")) throw new Error(`A rule's list of ${name} has a blank entry: take it out.`);
  const checks = given.map(compileEntry);
  return (subject) => firstReason(checks, subject);
}

const reasonIf =
  (holds: (subject: Subject) => boolean, reason: string): Check =>
  (subject) =>
    holds(subject) ? reason : null;

const sameName = (one: string, other: string): boolean => nameKey(one) === nameKey(other);
