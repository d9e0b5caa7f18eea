import { comparableTag } from "#core/language";
import type { Article, Condition, FeedRules } from "#core/model";
import type { CompilePattern } from "#core/ports";
import { fold, joins, unspaced, wordsIn } from "#core/words-in";

/** What a feed's rules make of an article. */
export interface Ruling {
  /** Whether it goes out. */
  out: boolean;
  /** Why not, as the end of a sentence: "it has the word “sport”". Null where it goes out. */
  why: string | null;
  /** The article with the topics and the breaking mark that the rules give it. */
  article: Article;
}

/** An article in the forms that conditions look into, each made once and only when it is asked for. */
interface Subject {
  article: Article;
  plain(): string;
  folded(): string;
  words(): string;
}

/** Says why a condition or a part of it holds; null where it does not. */
type Check = (subject: Subject) => string | null;

/** Characters of an article that are searched: past it no newsroom's rule finds what the lead and the first pages did not say. */
const mostSearched = 60_000;

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
    const subject = subjectOf(given);
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
  if (words) parts.push(oneOf("words", words, (word) => reasonIf(compileWord(word), `it has the word “${word}”`)));
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
    parts.push(reasonIf(({ plain }) => test(plain()), `it matches the pattern “${pattern}”`));
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

/**
 * A word or several in a row, whole: searched as text, since a regular expression for each word would be slow. What holds
 * no letter ("🔴") and what is in a script without spaces is found wherever it stands.
 */
function compileWord(word: string): (subject: Subject) => boolean {
  const phrase = phraseOf(word).trim();
  if (phrase === "" || unspaced.test(phrase)) {
    const folded = fold(word);
    return (subject) => subject.folded().includes(folded);
  }
  const ending = `${phrase} `;
  return (subject) => {
    const text = subject.words();
    for (let at = text.indexOf(ending); at !== -1; at = text.indexOf(ending, at + 1)) {
      const start = text.lastIndexOf(" ", at - 1) + 1;
      if (start === at || joins(text.slice(start, at), phrase)) return true;
    }
    return false;
  };
}

function subjectOf(article: Article): Subject {
  const once = (make: () => string): (() => string) => {
    let made: string | undefined;
    return () => (made ??= make());
  };
  const plain = once(() =>
    [article.kicker, article.title, article.summary, article.text]
      .filter((part) => part !== null)
      .join("\n")
      .slice(0, mostSearched),
  );
  return { article, plain, folded: once(() => fold(plain())), words: once(() => phraseOf(plain())) };
}

/** The words with one space around each. */
const phraseOf = (text: string): string => ` ${wordsIn(text).join(" ")} `;

const sameName = (one: string, other: string): boolean => fold(one).trim() === fold(other).trim();
