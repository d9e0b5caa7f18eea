import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import type { Clock, ContentAdapter } from "#core/ports";
import { folderPath, type Listing, listFolder, mostBytes, type PostFile, readPost, stopWhenAsked } from "./files.ts";
import { PostError } from "./front-matter.ts";
import { type Post, parsePost } from "./parse.ts";
import { quietMs, watchFolder } from "./watch.ts";

export interface FolderOptions {
  /** Tells whether a post's date has come. */
  clock?: Pick<Clock, "now">;
  /** The zone of dates that name none; the machine's own unless given. */
  timeZone?: string;
}

/** Older files are an archive: nobody waits for news from there. */
const mostPosts = 1_000;

/** Reads an editor's own posts: Markdown files with front matter in a folder of this machine. */
export function createFolderAdapter(options: FolderOptions = {}): ContentAdapter {
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = (): number => (options.clock?.now() ?? new Date()).getTime();
  /** When the next post of a folder is due, as its last reading found. */
  const dueAt = new Map<string, number>();
  const remember = (url: string, nextAt: number): void => {
    if (nextAt > 0) dueAt.set(url, nextAt);
    else dueAt.delete(url);
  };

  return {
    kind: "folder",

    async fetch({ url, validators }, signal) {
      const root = folderPath(url);
      const listing = await listQuiet(root, signal);
      const known = readTag(validators.etag);
      const isSame = known?.mark === listing.mark && (known.nextAt === 0 || known.nextAt > now());
      if (isSame && !known.hadProblems) {
        remember(url, known.nextAt);
        return { kind: "unchanged" };
      }
      const read = await readPosts(listing, { timeZone, now: now(), signal });
      remember(url, read.nextAt);
      // A reading that brings the good posts cannot say that others are bad: the next one, which brings nothing new, does.
      if (read.problems.length > 0 && (isSame || read.good === 0)) throw problemsOf(root, read);
      return {
        kind: "fetched",
        title: path.basename(root) || root,
        articles: read.articles,
        ...(read.retracted.length > 0 ? { retracted: read.retracted } : {}),
        validators: { etag: `${listing.mark}.${read.nextAt}.${read.problems.length > 0 ? 1 : 0}` },
      };
    },

    watch({ url }, changed, signal) {
      watchFolder({
        list: async () => {
          try {
            return await listFolder(folderPath(url), signal);
          } catch {
            return null;
          }
        },
        isDue() {
          const due = dueAt.get(url);
          if (due === undefined || due > now()) return false;
          dueAt.delete(url);
          return true;
        },
        changed,
        signal,
      });
    },
  };
}

/** Waits a little while files are being written, three seconds at most: then what is finished is read. */
async function listQuiet(root: string, signal: AbortSignal): Promise<Listing> {
  for (let tries = 0; ; tries++) {
    const listing = await listFolder(root, signal);
    // By the machine's own clock, which wrote the times of the files.
    const youngest = Math.min(...listing.files.map(({ mtimeMs }) => Date.now() - mtimeMs).filter((age) => age >= 0));
    if (youngest >= quietMs || tries === 10) return listing;
    await sleep(quietMs - youngest, undefined, { signal }).catch(() => stopWhenAsked(root, signal));
  }
}

/** The mark of the files, when the next post is due (0: none is), and whether some could not be read. */
function readTag(etag: string | undefined): { mark: string; nextAt: number; hadProblems: boolean } | null {
  const [, mark, nextAt, problems] = /^([\da-f]{32})\.(\d{1,15})\.([01])$/.exec(etag ?? "") ?? [];
  return mark ? { mark, nextAt: Number(nextAt), hadProblems: problems === "1" } : null;
}

interface FolderReading {
  /** Newest first. */
  articles: Article[];
  retracted: string[];
  /** Files that were understood, whatever they hold. */
  good: number;
  problems: string[];
  /** When the next post is due; 0 when none is. */
  nextAt: number;
}

async function readPosts(
  { root, files, problems }: Listing,
  { timeZone, now, signal }: { timeZone: string; now: number; signal: AbortSignal },
): Promise<FolderReading> {
  const reading: FolderReading = { articles: [], retracted: [], good: 0, problems: [...problems], nextAt: 0 };
  const names = new Map<string, string>();
  const source = path.basename(root) || root;
  const newest = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs || (a.name < b.name ? 1 : -1)).slice(0, mostPosts);
  for (const file of newest) {
    stopWhenAsked(root, signal);
    try {
      const post = await readFile(file, { source, timeZone });
      if (post) take(reading, post, file.name, names, now);
    } catch (error) {
      reading.problems.push(`${path.join(root, file.name)}${reasonOf(error)}`);
    }
  }
  reading.articles.sort((a, b) => (b.publishedAt?.getTime() ?? 0) - (a.publishedAt?.getTime() ?? 0));
  return reading;
}

async function readFile(file: PostFile, context: { source: string; timeZone: string }): Promise<Post | null> {
  if (file.size > mostBytes) throw new PostError("it is larger than 1 MiB, the most that Crier reads of a post", 0);
  const bytes = await readPost(file);
  return bytes && parsePost(bytes, { ...context, name: file.name, changedAt: new Date(file.mtimeMs) });
}

function take(reading: FolderReading, post: Post, name: string, names: Map<string, string>, now: number): void {
  if (post.state === "held") {
    reading.good++;
    return;
  }
  const id = post.state === "ready" ? post.article.sourceId : post.sourceId;
  const other = names.get(id);
  if (other !== undefined) throw new PostError(`its id "${id.slice(0, 80)}" is that of ${other} too`, 0);
  names.set(id, name);
  reading.good++;
  if (post.state === "retracted") {
    reading.retracted.push(id);
    return;
  }
  const at = post.article.publishedAt?.getTime() ?? 0;
  if (!post.isDated || at <= now) reading.articles.push(post.article);
  else reading.nextAt = reading.nextAt === 0 ? at : Math.min(reading.nextAt, at);
}

function reasonOf(error: unknown): string {
  if (error instanceof PostError) return `${error.line > 0 ? `, line ${error.line}` : ""}: ${error.message}`;
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  return `: it could not be read${code}, which the right to read it may mend`;
}

function problemsOf(root: string, { good, problems }: FolderReading): FeedError {
  const [first = "", ...more] = problems;
  const others = more.length === 0 ? "" : ` So it is with ${more.length} more.`;
  const rest = good === 0 ? `No other post in ${root} can be read.` : `The other ${good} in ${root} are read.`;
  return new FeedError("not-a-feed", `${first.replace(/\.$/, "")}.${others} ${rest}`);
}
