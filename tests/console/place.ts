import type { TestContext } from "node:test";
import { createSubscriber, type Push } from "#content/push/subscriber";
import { createHttp } from "#content/shared/http";
import { serveConsole } from "#src/console/serve";
import { webSubRoutes } from "#src/console/websub";
import { openHub } from "#tests/fakes/hub";
import { createNewsroom } from "#tests/fakes/newsroom";

/** The feed's name at the hub. */
export const topic = "https://bell.example/feed";
/** Where the world thinks that Crier is. */
const publicUrl = "http://crier.example";

/** A real store, console and subscriber, and a hub that finds the console by its public name. */
export async function openPlace(t: TestContext) {
  const newsroom = await createNewsroom();
  const { clock, log, store, feed } = newsroom;
  const hosts = new Map<string, string>();
  const hub = await openHub({ clock, hosts });
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"], timeoutMs: 2_000, pauseMs: 0, clock });
  const openSubscriber = (callbackBase: string | null = publicUrl) =>
    createSubscriber({ http, pushes: store.pushes, clock, log, callbackBase });
  const subscriber = openSubscriber();
  const pushes: Push[] = [];
  const pages = await serveConsole({
    host: "127.0.0.1",
    port: 0,
    log,
    routes: [webSubRoutes({ subscriber, onPush: (push) => pushes.push(push) })],
  });
  hosts.set("crier.example", pages.url);
  t.after(async () => {
    await Promise.all([pages.close(), hub.close(), http.close()]);
    await newsroom.close();
  });
  const { signal } = new AbortController();

  return {
    clock,
    log,
    store,
    feed,
    hub,
    subscriber,
    openSubscriber,
    pushes,
    signal,
    url: pages.url,
    /** The feed names the hub, the hub is asked, and verifies. */
    async subscribe() {
      await subscriber.offer(feed.id, { url: hub.url, topic });
      await subscriber.renewDue(signal);
      await hub.settled();
    },
    async subscription() {
      const found = await store.pushes.byFeed(feed.id);
      if (!found) throw new Error("The feed has no subscription.");
      return found;
    },
    isLive: () => subscriber.isLive(feed.id, clock.now()),
    callback: async () => `${publicUrl}/websub/${(await store.pushes.byFeed(feed.id))?.token}`,
    lines: (text: RegExp) => log.lines.filter((line) => text.test(line.text)),
  };
}

export type Place = Awaited<ReturnType<typeof openPlace>>;
