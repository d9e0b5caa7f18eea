import assert from "node:assert/strict";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type { TestContext } from "node:test";
import { createHttp, type HttpOptions } from "#content/shared/http";
import { FeedError, type FeedReason } from "#core/errors";
import { openWebServer, type WebServer } from "./web-server.ts";

export const loopback = { allowPrivateHosts: ["127.0.0.1"] };

/** Names of one loopback server, each a host of its own. */
export const named = (...hosts: string[]) => ({
  allowPrivateHosts: hosts,
  resolve: async () => [{ address: "127.0.0.1", family: 4 as const }],
});

/** A fetcher and a server for one test; without a pause unless the test is of it. */
export async function openStage(t: TestContext, options: HttpOptions = loopback) {
  const server = await openWebServer();
  const http = createHttp({ timeoutMs: 5000, pauseMs: 0, ...options });
  t.after(async () => {
    await http.close();
    await server.close();
  });
  const get = (path = "/", base: string = server.url) => http.get(new URL(path, base).href, { signal: t.signal });
  return { server, http, get };
}

/** A server that speaks whatever it is made to. Returns its port. */
export async function openSocketServer(
  t: TestContext,
  speak: (socket: Socket, count: number) => void,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    speak(socket, sockets.size);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** Tells whether an error is a FeedError of this kind, in these words. */
export const refused = (reason: FeedReason, words: RegExp) => (error: unknown) => {
  assert(error instanceof FeedError, String(error));
  assert.equal(error.reason, reason, error.message);
  assert.match(error.message, words);
  return true;
};

export const redirectTo = (server: WebServer, location: string, status = 302): void =>
  server.answer((_, response) => response.writeHead(status, { location }).end());

/** Waits for a state that comes by itself. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`In vain for 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
