import type { Clock, ContentAdapter } from "#core/ports";
import { createFeedAdapter } from "./feed/adapter.ts";
import type { Completer } from "./shared/complete.ts";
import type { HttpGet } from "./shared/http.ts";

/** Every way in which Crier reads news: one line each. What only some newsrooms need is loaded when it is first asked for. */
export function createAdapters({
  http,
  ...folder
}: {
  http: HttpGet;
  /** In which posts of a folder that name no zone are dated; the machine's own unless given. */
  timeZone?: string;
  clock?: Pick<Clock, "now">;
}): ContentAdapter[] {
  const complete = createLazyCompleter(http);
  return [
    { ...createFeedAdapter(http), complete },
    lazy("sitemap", async () => (await import("./sitemap/adapter.ts")).createSitemapAdapter(http), {
      complete,
    }),
    lazy("wordpress", async () => (await import("./wordpress/adapter.ts")).createWordpressAdapter(http), { complete }),
    lazy("listing", async () => (await import("./page/listing.ts")).createListingAdapter(http), { complete }),
    lazy("page", async () => (await import("./page/adapter.ts")).createPageAdapter(http)),
    lazy("folder", async () => (await import("./folder/adapter.ts")).createFolderAdapter(folder), { watches: true }),
  ];
}

/** A completer whose parsers are loaded with its first call. */
export function createLazyCompleter(http: HttpGet): Completer {
  const completer = once(async () => (await import("./shared/complete.ts")).createCompleter(http));
  return async (article, signal) => (await completer())(article, signal);
}

/** An adapter that is loaded with its first call. */
function lazy(
  kind: string,
  load: () => Promise<ContentAdapter>,
  { complete, watches = false }: { complete?: Completer; watches?: boolean } = {},
): ContentAdapter {
  const loaded = once(load);
  return {
    kind,
    fetch: async (source, signal) => (await loaded()).fetch(source, signal),
    ...(complete ? { complete } : {}),
    ...(watches
      ? { watch: (...what) => void loaded().then((adapter) => adapter.watch?.(...what)) }
      : ({} satisfies Partial<ContentAdapter>)),
  };
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}
