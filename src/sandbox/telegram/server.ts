import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Methods } from "./api.ts";
import { namedChat, unauthorized } from "./chats.ts";
import type { FaultRule, Faults } from "./faults.ts";
import type { Limiter } from "./limits.ts";
import type { Webhook } from "./methods-bot.ts";
import { type Params, readParams } from "./params.ts";
import { pathOf, pictureUrl } from "./pictures.ts";
import type { Updates } from "./updates.ts";
import { ApiError, badRequest, tooManyRequests } from "./wire.ts";
import type { World } from "./world.ts";

export interface ServerDeps {
  token: string;
  port: number;
  world: World;
  methods: Methods;
  updates: Updates;
  webhook: Webhook;
  limiter: Limiter;
  faults: Faults;
}

/** Calls that count against Telegram's limits. */
const counted = new Set([
  "sendmessage",
  "sendphoto",
  "sendmediagroup",
  "forwardmessage",
  "copymessage",
  "editmessagetext",
  "editmessagecaption",
  "editmessagemedia",
  "editmessagereplymarkup",
]);

/** The Bot API over HTTP at 127.0.0.1. */
export async function startServer(deps: ServerDeps) {
  const { token, port, world, methods, updates, webhook, limiter, faults } = deps;
  const counts = { calls: 0, refused429: 0 };
  const stopping = new AbortController();

  const checkLimits = (method: string, params: Params): void => {
    if (!counted.has(method)) return;
    const chat = namedChat(world, params);
    if (!chat) return;
    const media = method === "sendmediagroup" ? params.json("media") : null;
    const messages = Array.isArray(media) ? Math.max(1, media.length) : 1;
    const isGroup = chat.type === "group" || chat.type === "supergroup";
    // Sending on ignores what it is offered.
    const isPaid = method !== "forwardmessage" && !method.startsWith("edit") && params.flag("allow_paid_broadcast");
    const wait = limiter({ chat: chat.id, isGroup, messages, isPaid });
    if (wait !== null) throw tooManyRequests(wait);
  };

  const poll = (params: Params, response: ServerResponse): Promise<unknown> => {
    if (webhook.url)
      throw new ApiError(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    return updates.poll(params, gone.signal);
  };

  const run = async (method: string, params: Params, response: ServerResponse): Promise<unknown> => {
    if (method === "getupdates") return poll(params, response);
    const answer = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!answer) throw new ApiError(404, "Not Found: method not found");
    checkLimits(method, params);
    return answer(params);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [route = "/", query] = (request.url ?? "/").split("?", 2);
    if (route.startsWith("/file/")) return sendFile(route, response);
    const [path, given = "", name = ""] = /^\/bot([^/]*)\/([^/]*)\/?$/.exec(route) ?? [];
    const method = name.toLowerCase();
    // The body is read whatever comes of it, so that the connection can be used again.
    const params = await readParams(request, new URLSearchParams(query));
    if (path === undefined) throw new ApiError(404, "Not Found");
    checkToken(given, token);
    if (method !== "getupdates") counts.calls += 1;
    const chat = namedChat(world, params)?.id ?? params.integer("chat_id") ?? null;
    const fault = faults.take(method, chat, pictureUrl(params));
    if (fault && (await strike(fault, response))) return;
    const result = await run(method, params, response);
    if (fault?.kind === "reset-after") request.socket.resetAndDestroy();
    else send(response, 200, { ok: true, result });
  };

  const sendFile = (path: string, response: ServerResponse): void => {
    const [, given = "", name = ""] = /^\/file\/bot([^/]*)\/(.+)$/.exec(path) ?? [];
    checkToken(given, token);
    const bytes = [...world.pictures.values()].find((picture) => pathOf(picture) === name)?.upload?.bytes;
    if (!bytes) throw new ApiError(404, "Not Found");
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length });
    response.end(bytes);
  };

  /** @returns true where the call ends with it */
  const strike = async (fault: FaultRule, response: ServerResponse): Promise<boolean> => {
    switch (fault.kind) {
      case "reset-before":
        response.socket?.resetAndDestroy();
        return true;
      case "half-open":
        return true;
      case "html502":
        response.writeHead(502, { "content-type": "text/html" });
        response.end("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>");
        return true;
      case "http500":
        throw new ApiError(500, "Internal Server Error");
      case "429":
        throw tooManyRequests(fault.retryAfter ?? 1);
      case "401":
        throw unauthorized();
      case "photo-refused":
        throw badRequest("wrong type of the web page content");
      case "photo-unreachable":
        throw badRequest("failed to get HTTP URL content");
      case "slow":
        await sleep(fault.ms ?? 1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
        return false;
      case "reset-after":
        return false;
      default:
        return fault.kind satisfies never;
    }
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const refusal = error instanceof ApiError ? error : new ApiError(500, "Internal Server Error");
      if (refusal.code === 429) counts.refused429 += 1;
      refuse(response, refusal);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    counts: () => ({ ...counts }),
    async close(): Promise<void> {
      stopping.abort();
      updates.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The real server looks at a token's form before it looks it up. */
function checkToken(asked: string, token: string): void {
  const given = asked.replaceAll(/%3a/gi, ":");
  if (given === token) return;
  if (given.startsWith("0") || given.length > 80 || !given.includes(":"))
    throw new ApiError(401, "Unauthorized: invalid token specified");
  throw unauthorized();
}

function refuse(response: ServerResponse, { code, message, parameters }: ApiError): void {
  const body = { ok: false, error_code: code, description: message, ...(parameters ? { parameters } : {}) };
  const retryAfter = parameters?.retry_after;
  send(response, code, body, retryAfter === undefined ? {} : { "retry-after": String(retryAfter) });
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
