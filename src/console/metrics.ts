import { createHash, timingSafeEqual } from "node:crypto";
import { BlockList, isIPv6 } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, Hono } from "hono";
import type { Log } from "#core/ports";

interface MetricsDeps {
  /** METRICS_TOKEN; null: they are shown to this machine alone. */
  token: string | null;
  /** Loads what writes them down, the first time that they are asked for. */
  open(): Promise<MetricsPage>;
  log: Log;
}

/** The metrics in Prometheus' text format, written anew each time. */
export interface MetricsPage {
  contentType: string;
  write(): Promise<string>;
}

/** `GET /metrics`, for who carries METRICS_TOKEN; where there is none, for this machine. */
export function metricsRoutes({ token, open, log }: MetricsDeps): (app: Hono) => void {
  let page: Promise<MetricsPage> | null = null;
  const load = (): Promise<MetricsPage> => {
    page ??= open().catch((error: unknown) => {
      page = null;
      throw error;
    });
    return page;
  };
  const own = token === null ? null : digestOf(token);

  const refusalOf = (context: Context): Response | null => {
    if (own === null) {
      if (isFromHere(context)) return null;
      return context.text(
        "The metrics are shown to this machine alone. Set METRICS_TOKEN to read them from elsewhere.",
        403,
      );
    }
    const given = /^Bearer +(\S+)\s*$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? "";
    if (timingSafeEqual(digestOf(given), own)) return null;
    return context.text('Send the header "Authorization: Bearer" with METRICS_TOKEN.', 401, {
      "www-authenticate": "Bearer",
    });
  };

  return (app) =>
    void app.get("/metrics", async (context) => {
      const refusal = refusalOf(context);
      if (refusal) {
        log.warn({ status: refusal.status }, "a request for the metrics was refused");
        return refusal;
      }
      const { contentType, write } = await load();
      return context.body(await write(), 200, { "content-type": contentType });
    });
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** What a reverse proxy adds: behind one the whole world comes from this machine. */
const proxyHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** Asked by a program on this machine, under this machine's own name: not through a proxy, and by no other site's page. */
function isFromHere(context: Context): boolean {
  const peer = getConnInfo(context).remote.address ?? "";
  if (!loopback.check(peer, isIPv6(peer) ? "ipv6" : "ipv4")) return false;
  if (proxyHeaders.some((name) => context.req.header(name) !== undefined)) return false;
  const host = URL.parse(`http://${context.req.header("host") ?? ""}`)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  return host === "localhost" || loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}
