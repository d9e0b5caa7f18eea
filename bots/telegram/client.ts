import { Context, Telegraf, Telegram, TelegramError } from "telegraf";
import type { Telegram as ApiMethods, Opts, UserFromGetMe } from "telegraf/types";
import type { Clock } from "#core/ports";
import { CallLost } from "./errors.ts";
import { uploadName } from "./format.ts";
import { createHttp } from "./http.ts";

export interface ClientOptions {
  token: string;
  /** Where the Bot API stands; may have a path. */
  apiRoot: string;
  /** Most sockets open at once. */
  connections: number;
  /** The longest that a call may take. */
  callTimeoutMs: number;
  clock: Clock;
}

interface CallOptions {
  /** PNG bytes for a payload that names an upload. */
  picture?: Uint8Array | undefined;
  deadlineMs?: number;
  signal?: AbortSignal | undefined;
}

/** One bot's line to the Bot API. */
export interface Client {
  /** The command surface. All its calls, and those of each update's context, run over `call`. */
  readonly telegraf: Telegraf;
  /** Calls a method and answers its result. @throws TelegramError (refused), CallNotSent, CallLost */
  call(method: string, payload: object, options?: CallOptions): Promise<unknown>;
  /** Waits for calls under way, `graceMs` at most; what is left then ends as lost. */
  close(graceMs: number): Promise<void>;
}

/**
 * telegraf with an HTTP layer of our own under it: its own buffers nothing, times out after 500 s, opens sockets
 * without bound, names the token in errors, drops object parameters on uploads and fetches pictures itself.
 */
export function createClient({ token, apiRoot, connections, callTimeoutMs, clock }: ClientOptions): Client {
  const root = new URL(apiRoot);
  const base = `${root.pathname.replace(/\/+$/, "")}/bot${token}`;
  const http = createHttp({ origin: root.origin, connections, clock });

  const call: Client["call"] = async (method, payload, options = {}) => {
    const { deadlineMs = callTimeoutMs, signal, picture } = options;
    const content = picture ? await toForm(payload, picture) : toJson(payload);
    return read(await http.post({ path: `${base}/${method}`, ...content, deadlineMs, signal }), method);
  };

  class PooledTelegram extends Telegram {
    override async callApi<M extends keyof ApiMethods>(
      method: M,
      payload: Opts<M>,
      { signal }: { signal?: unknown } = {},
    ): Promise<ReturnType<ApiMethods[M]>> {
      const result = await call(method, payload, signal instanceof AbortSignal ? { signal } : {});
      return result as ReturnType<ApiMethods[M]>;
    }
  }
  const telegram = new PooledTelegram(token, { apiRoot, webhookReply: false });

  // telegraf makes a new Telegram for each update, and would send past ours: this bot's contexts get ours, no other bot's do.
  class PooledContext extends Context {
    constructor(update: Context["update"], _: Telegram, me: UserFromGetMe) {
      super(update, telegram, me);
    }
  }
  // A handler only records an event. It may take as long as the store needs; telegraf's 90 s would leave it running unseen.
  const telegraf = new Telegraf(token, { contextType: PooledContext, handlerTimeout: Number.POSITIVE_INFINITY });
  telegraf.telegram = telegram;
  // telegraf's own handler prints the update and sets the exit code.
  telegraf.catch((error) => {
    throw error;
  });

  return { telegraf, call, close: http.close };
}

interface Content {
  headers: Record<string, string>;
  body: string | Uint8Array;
}

const toJson = (payload: object): Content => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(payload),
});

/** Every parameter that is not a text goes as JSON: the Bot API reads them so, and telegraf leaves most of them out. */
async function toForm(payload: object, picture: Uint8Array): Promise<Content> {
  const form = new FormData();
  for (const [name, value] of Object.entries(payload)) {
    if (value === undefined || value === null) continue;
    form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  form.set(uploadName, new Blob([new Uint8Array(picture)], { type: "image/png" }), `${uploadName}.png`);
  const encoded = new Response(form);
  const type = encoded.headers.get("content-type") ?? "multipart/form-data";
  return { headers: { "content-type": type }, body: new Uint8Array(await encoded.arrayBuffer()) };
}

/** The result of an answer of the Bot API itself; anything else leaves open whether the call was carried out. */
function read({ status, body }: { status: number; body: string }, method: string): unknown {
  const answer = parse(body);
  if (!answer || typeof answer.ok !== "boolean")
    throw new CallLost(`Telegram's answer was none of the Bot API's (HTTP ${status}).`);
  if (status >= 500) throw new CallLost(`Telegram failed (HTTP ${status}).`);
  if (answer.ok) return answer.result;
  const { description, parameters } = answer;
  throw new TelegramError(
    {
      error_code: typeof answer.error_code === "number" ? answer.error_code : status,
      description: typeof description === "string" ? description : "no reason given",
      ...(typeof parameters === "object" && parameters ? { parameters } : {}),
    },
    // telegraf would keep the payload here, which is the message.
    { method },
  );
}

function parse(body: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer ? { ...answer } : null;
  } catch {
    // The parser's error quotes the answer.
    return null;
  }
}
