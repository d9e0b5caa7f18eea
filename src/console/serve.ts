import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Log } from "#core/ports";

interface ConsoleDeps {
  log?: Log;
  /** Each adds pages of its own. */
  routes?: readonly ((app: Hono) => void)[];
}

/** Crier's own pages: what `routes` add. */
function createConsole({ log, routes = [] }: ConsoleDeps): Hono {
  const app = new Hono();
  app.use(guard);
  app.notFound((context) => context.text("There is nothing at this address.", 404));
  app.onError((err, context) => {
    // The pattern and not the address: that may hold what nobody else should know.
    const about = { err, method: context.req.method, route: routePath(context, -1) };
    if (context.req.raw.signal.aborted) log?.debug(about, "a visitor left before all was said");
    else log?.error(about, "a request failed");
    return context.text("Crier failed at this. Its log says why.", 500);
  });
  for (const add of routes) add(app);
  return app;
}

/** Headers of every answer, unless a page sets its own. */
const headers = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Lets no other site's page write here, by the reader's browser. Servers, which say nothing of an origin, pass. */
const guard: MiddlewareHandler = async (context, next) => {
  const { method } = context.req;
  if (method !== "GET" && method !== "HEAD" && isCrossSite(context)) {
    return context.text("This was sent from another site's page.", 403, headers);
  }
  await next();
  for (const [name, value] of Object.entries(headers)) {
    if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  }
};

function isCrossSite({ req }: Context): boolean {
  const site = req.header("sec-fetch-site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = req.header("origin");
  return origin !== undefined && URL.parse(origin)?.host !== req.header("host")?.toLowerCase();
}

/** Visitors who are slower than this hold a connection for nothing: for the headers, for a whole request, between two. */
const timeouts = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 10_000 };
const checkMs = 2_000;
/** What is under way when Crier stops has this long to be answered. */
const closingMs = 2_000;

/**
 * Serves the pages at a host and port; 0 takes a free port.
 *
 * @throws Error in words when the port is taken
 */
export async function serveConsole(
  options: ConsoleDeps & { host: string; port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port } = options;
  const server = createServer(
    { ...timeouts, connectionsCheckingInterval: checkMs },
    getRequestListener(createConsole(options).fetch),
  );
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
      const timer = setTimeout(() => server.closeAllConnections(), closingMs);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(timer);
    },
  };
}

function listenProblem(cause: NodeJS.ErrnoException, host: string, port: number): string {
  if (cause.code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken, perhaps by another Crier. Set PORT to another one; 0 takes a free one.`;
  if (cause.code === "EACCES") return `Port ${port} needs more rights than Crier has. Set PORT to one above 1023.`;
  return `Crier cannot listen on ${host} port ${port} (${cause.code ?? cause.message}). Check HOST and PORT.`;
}
