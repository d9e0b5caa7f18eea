import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Bot } from "#core/ports";

interface ConsoleDeps {
  bots: readonly Bot[];
}

/** Crier's own pages. So far one: `/healthz`, 200 while every bot can send, 503 otherwise, with the reason. */
function createConsole({ bots }: ConsoleDeps): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => {
    const health = bots.map((bot) => {
      const now = bot.health();
      return { platform: bot.platform, state: now.state, ...("detail" in now ? { detail: now.detail } : {}) };
    });
    const ready = health.every(({ state }) => state === "ready" || state === "degraded");
    return context.json({ ready, bots: health }, ready ? 200 : 503);
  });
  return app;
}

/**
 * Serves the pages at a host and port; 0 takes a free port.
 *
 * @throws Error in words when the port is taken
 */
export async function serveConsole(
  options: ConsoleDeps & { host: string; port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port } = options;
  const server = createServer(getRequestListener(createConsole(options).fetch));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new Error(listenProblem(cause, host, port), { cause })),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const taken = typeof address === "object" && address ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listenProblem(cause: NodeJS.ErrnoException, host: string, port: number): string {
  if (cause.code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken, perhaps by another Crier. Set PORT to another one; 0 takes a free one.`;
  if (cause.code === "EACCES") return `Port ${port} needs more rights than Crier has. Set PORT to one above 1023.`;
  return `Crier cannot listen on ${host} port ${port} (${cause.code ?? cause.message}). Check HOST and PORT.`;
}
