import path from "node:path";
import { folderPath } from "#content/folder/files";
import { createHttp, type HttpGet } from "#content/shared/http";
import { FeedError } from "#core/errors";
import type { Article, Feed } from "#core/model";
import type { ContentAdapter, Store } from "#core/ports";
import { openStore } from "#store/open";
import { createAdapters } from "../../../content/index.ts";
import { type Config, userAgentOf } from "../../config.ts";
import { isHookFeed } from "../../hook-feed.ts";
import { Failure } from "../misuse.ts";
import { placeOf } from "../store.ts";

/** What the commands about feeds work with. */
export interface Desk {
  store: Store;
  config: Config;
  now: Date;
  /** What reads the web; made when it is first asked for. */
  http(): HttpGet;
  adapters(): ContentAdapter[];
  close(): Promise<void>;
}

/** Opens the store of the settings; it may be that of a running Crier. */
export async function openDesk(config: Config): Promise<Desk> {
  const { allowPrivateHosts, publicUrl } = config;
  const store = await openStore(placeOf(config));
  let http: HttpGet | undefined;
  const web = (): HttpGet => (http ??= createHttp({ allowPrivateHosts, userAgent: userAgentOf(publicUrl) }));
  return {
    store,
    config,
    now: new Date(),
    http: web,
    adapters: () => createAdapters({ http: web(), timeZone: config.timeZone }),
    async close() {
      await http?.close();
      await store.close();
    },
  };
}

const readMs = 60_000;

/** A feed as it is now; `problem` is what the good articles come beside. */
export interface Reading {
  title: string | null;
  articles: Article[];
  problem: string | null;
  /** Fills in from an article's own page, where that is possible. */
  complete(article: Article): Promise<Article>;
}

/** Reads a feed whole. @throws FeedError when it cannot be read, Failure when nothing reads its kind or it has ended */
export async function readWhole(desk: Desk, feed: Pick<Feed, "kind" | "url" | "rules">): Promise<Reading> {
  const { kind, url, rules } = feed;
  if (isHookFeed(feed)) throw new Failure(`Articles are handed in at ${url}: there is nothing to be read.`);
  const adapter = adapterFor(desk, kind);
  const signal = AbortSignal.timeout(readMs);
  const result = await adapter.fetch({ url, rules, validators: {} }, signal);
  if (result.kind !== "fetched") throw new Failure(`${url} says that it is gone for good.`);
  return {
    title: result.title,
    articles: result.articles,
    problem: kind === "folder" ? await problemOf(() => adapter.fetch({ ...result, url, rules }, signal)) : null,
    complete: async (article) => {
      const filled: Article[] = [];
      await problemOf(async () => filled.push((await adapter.complete?.(article, signal)) ?? article));
      return filled[0] ?? article;
    },
  };
}

/** Why it cannot be read; null when it can. A folder says only at a second reading which of its posts are bad. */
async function problemOf(read: () => Promise<unknown>): Promise<string | null> {
  try {
    await read();
    return null;
  } catch (error) {
    if (error instanceof FeedError) return error.message;
    throw error;
  }
}

function adapterFor(desk: Desk, kind: string): ContentAdapter {
  const adapter = desk.adapters().find((candidate) => candidate.kind === kind);
  if (!adapter) throw new Failure(`Nothing here reads feeds of the kind "${kind}".`);
  return adapter;
}

/** The same for addresses that lead to the same place. A folder's is absolute: Crier may be started elsewhere. */
export function feedKey({ kind, address }: Pick<Feed, "kind" | "address">): string {
  return `${kind}:${kind === "folder" ? folderPath(address) : address}`;
}

/** The feed that a person names by its id or address. @throws Failure when there is none, or more than one */
export async function findFeed({ store }: Desk, named: string): Promise<Feed> {
  const feeds = await store.feeds.list();
  const isPath = !/^[a-z][a-z\d+.-]+:\/\//i.test(named);
  const found = /^\d+$/.test(named)
    ? feeds.filter(({ id }) => id === Number(named))
    : feeds.filter(
        ({ kind, address, url }) =>
          address === named ||
          url === named ||
          (isPath && kind === "folder" && folderPath(address) === path.resolve(named)),
      );
  const [feed, other] = found;
  if (!feed) throw new Failure(`There is no feed ${named}. “crier feeds” lists those that there are.`);
  if (other) throw new Failure(`${named} is the address of ${found.length} feeds: give an id, ${ids(found)}.`);
  return feed;
}

const ids = (feeds: Feed[]): string => feeds.map(({ id, kind }) => `${id} (${kind})`).join(" or ");

/** It is named in the settings as well. */
export const isInSettings = ({ config }: Desk, feed: Pick<Feed, "kind" | "address">): boolean =>
  config.feeds.some((one) => feedKey(one) === feedKey(feed));
