import { BlockList, isIPv6 } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, Hono } from "hono";
import type { Clock, Log } from "#core/ports";
import { type HandInDeps, handIn } from "./hand-in.ts";
import { createHookAuth } from "./hook-auth.ts";
import { readBody } from "./read-body.ts";

interface HookDeps extends HandInDeps {
  /** HOOK_SECRET; null: there is no webhook. */
  secret: string | null;
  clock: Pick<Clock, "now">;
  log: Log;
}

const mostBytes = 1024 * 1024;

/** `POST /hooks/articles`, by which a publishing tool says "publish now"; nothing where there is no secret. */
export function hookRoutes(deps: HookDeps): (app: Hono) => void {
  const { secret, clock, log } = deps;
  if (secret === null) {
    log.info({}, "HOOK_SECRET is not set: there is no webhook at /hooks/articles");
    return () => {};
  }
  const auth = createHookAuth({ secret, clock });

  const answer = async (context: Context): Promise<Response> => {
    const { req } = context;
    if (req.method !== "POST") {
      return refuse(context, 405, "Articles are handed in here with POST, as JSON.", { allow: "POST" });
    }
    const from = addressOf(context);
    if (auth.isShut(from)) {
      return refuse(context, 429, "Too many requests without the right secret: wait a minute.", {
        "retry-after": "60",
      });
    }
    let bytes: Uint8Array | null | undefined;
    const body = async (): Promise<Uint8Array | null> => {
      if (bytes === undefined) bytes = await readBody(req.raw, mostBytes);
      return bytes;
    };
    const admission = await auth.admit(req.header(), from, body);
    if (admission && !admission.ok) {
      const { status, problem } = admission;
      log.warn({ status }, "a request to the webhook was refused");
      return refuse(context, status, problem, status === 401 ? { "www-authenticate": "Bearer" } : {});
    }
    const sent = await body();
    if (!admission || !sent) {
      return refuse(context, 413, "The body is larger than 1 MiB: hand in fewer articles at once.");
    }
    let response: Response | null = null;
    try {
      response = await publish(context, sent, deps);
    } finally {
      // What was not taken may be sent again as it is.
      if (response?.status !== 202) admission.release();
    }
    return response;
  };
  return (app) => void app.all("/hooks/articles", answer);
}

async function publish(context: Context, bytes: Uint8Array, deps: HookDeps): Promise<Response> {
  const encoding = context.req.header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity")
    return refuse(context, 415, "Send the body as it is, without an encoding.");
  const type = context.req.header("content-type") ?? "";
  if (!/^application\/(?:[\w.+-]{1,60}\+)?json\s*(?:;|$)/i.test(type)) {
    return refuse(context, 415, 'Send JSON, with the header "Content-Type: application/json".');
  }
  const json = parseJson(bytes);
  if (json === undefined) return refuse(context, 400, "The body is not JSON in UTF-8.");
  const result = await handIn(json, deps);
  if ("problems" in result) return context.json({ problems: result.problems }, 422);
  const articles = result.taken.map(({ sourceId, ...rest }) => ({ id: sourceId, ...rest }));
  deps.log.info({ articles: articles.length }, "articles handed in");
  return context.json({ articles }, 202);
}

/** One shape for every refusal, so that a publishing tool can show it. */
const refuse = (
  context: Context,
  status: 400 | 401 | 405 | 409 | 413 | 415 | 429,
  problem: string,
  headers: Record<string, string> = {},
): Response => context.json({ problems: [{ path: "", problem }] }, status, headers);

/** Undefined for what is no JSON. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const ownNetwork = new BlockList();
for (const [address, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  ownNetwork.addSubnet(address, prefix, "ipv4");
}
ownNetwork.addAddress("::1", "ipv6");
ownNetwork.addSubnet("fc00::", 7, "ipv6");

/** Who asks. A proxy of one's own network names its visitor last; what strangers wrote before that is not believed. */
function addressOf(context: Context): string {
  const peer = getConnInfo(context).remote.address ?? "";
  if (!ownNetwork.check(peer, isIPv6(peer) ? "ipv6" : "ipv4")) return peer;
  return context.req.header("x-forwarded-for")?.split(",").at(-1)?.trim().slice(0, 60) || peer;
}
