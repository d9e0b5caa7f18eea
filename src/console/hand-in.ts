import { FeedError } from "#core/errors";
import type { Article } from "#core/model";

/** One article of a request, as it was read. */
interface HandedIn {
  article: Article;
  /** No more than its address came: its page says the rest. */
  isBare: boolean;
  retracted: boolean;
}

/** A field to be mended, "articles.2.url", and what is wrong with it. */
export interface Problem {
  path: string;
  problem: string;
}

/** What became of an article that was handed in. */
export interface Taken {
  sourceId: string;
  verdict: "new" | "known" | "changed" | "twin" | "left out" | "held" | "retracted";
  /** Why it was left out, in words. */
  why?: string | null;
}

export interface HandInDeps {
  /** Reads one article from JSON. What checks it is heavy, and loaded with the first call. */
  read(json: unknown): Promise<HandedIn | { problems: Problem[] }>;
  /** Fills in from its page an article of which no more than the address came. @throws FeedError */
  complete(article: Article, signal: AbortSignal): Promise<Article>;
  /** Makes articles, and the ids of those taken back, durable together; says what became of each that it knows. */
  take(articles: Article[], retracted: string[]): Promise<readonly Taken[]>;
  /** Aborted when Crier stops. */
  signal: AbortSignal;
}

const mostArticles = 100;
/** For all pages of a request together; what is not read by then is left out. */
const pagesMs = 30_000;
const pagesAtOnce = 8;
/** Of an article taken back that nobody knows nothing is said. */
const unknown = { verdict: "left out", why: "Crier holds no such article, or it was taken back before." } as const;

/**
 * Takes in one article, or `{ articles: [...] }` with up to a hundred. With problems nothing was taken. A page that
 * cannot be read leaves out its own article only, and is a problem where nothing else came.
 */
export async function handIn(
  json: unknown,
  deps: HandInDeps,
): Promise<{ taken: (Taken & { url: string | null })[] } | { problems: Problem[] }> {
  const given = listOf(json);
  if (!given) return { problems: [{ path: "articles", problem: `must be a list of 1 to ${mostArticles} articles` }] };
  const prefix = (index: number, path: string): string =>
    given.isList ? `articles.${index}${path && `.${path}`}` : path;

  const problems: Problem[] = [];
  const handed: HandedIn[] = [];
  for (const [index, one] of given.list.entries()) {
    const read = await deps.read(one);
    if ("problems" in read) {
      problems.push(...read.problems.map(({ path, problem }) => ({ path: prefix(index, path), problem })));
    } else {
      handed.push(read);
    }
  }
  if (problems.length > 0) return { problems };

  // Of one article given twice the last version counts.
  const distinct = [...new Map(handed.map((one) => [one.article.sourceId, one])).values()];
  const whole = distinct.filter(({ isBare, retracted }) => !isBare && !retracted).map(({ article }) => article);
  const retracted = distinct.filter((one) => one.retracted).map(({ article }) => article.sourceId);
  const bare = distinct.filter(({ isBare }) => isBare).map(({ article }) => article);

  const takenAtOnce = whole.length + retracted.length > 0 ? await deps.take(whole, retracted) : [];
  const { articles, unread } = await readPages(bare, deps);
  const takenLater = articles.length > 0 ? await deps.take(articles, []) : [];
  if (unread.length === distinct.length) {
    return {
      problems: handed.map(({ article }, index) => ({
        path: prefix(index, "url"),
        problem: unread.find(({ sourceId }) => sourceId === article.sourceId)?.why ?? "could not be read",
      })),
    };
  }
  const verdicts = new Map([...takenAtOnce, ...takenLater, ...unread].map((one) => [one.sourceId, one]));
  return {
    taken: handed.map(({ article: { sourceId, url } }) => {
      const { verdict, why } = verdicts.get(sourceId) ?? (retracted.includes(sourceId) ? unknown : lost());
      return { sourceId, url, verdict, ...(why ? { why } : {}) };
    }),
  };
}

function lost(): never {
  throw new Error("Nothing was said of an article that was handed in.");
}

function listOf(json: unknown): { list: unknown[]; isList: boolean } | null {
  if (typeof json !== "object" || json === null || !("articles" in json)) return { list: [json], isList: false };
  const { articles } = json;
  const isGood = Array.isArray(articles) && articles.length > 0 && articles.length <= mostArticles;
  return isGood ? { list: articles, isList: true } : null;
}

async function readPages(
  bare: Article[],
  { complete, signal }: HandInDeps,
): Promise<{ articles: Article[]; unread: (Taken & { why: string })[] }> {
  const articles: Article[] = [];
  const unread: (Taken & { why: string })[] = [];
  if (bare.length === 0) return { articles, unread };
  const until = AbortSignal.any([signal, AbortSignal.timeout(pagesMs)]);
  const waiting = [...bare];
  const work = async (): Promise<void> => {
    for (let article = waiting.shift(); article; article = waiting.shift()) {
      const { sourceId } = article;
      try {
        const completed = await complete(article, until);
        if (completed.title) articles.push({ ...completed, sourceId });
        else unread.push({ sourceId, verdict: "left out", why: `${article.url} has no headline that Crier finds.` });
      } catch (error) {
        if (!(error instanceof FeedError)) throw error;
        unread.push({ sourceId, verdict: "left out", why: error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: pagesAtOnce }, work));
  return { articles, unread };
}
