import type { Client } from "whatsapp-web.js";

export interface ClientOptions {
  /** The folder of the session. */
  folder: string;
  chromePath: string;
  browserArgs: readonly string[];
  /** The library failed while it worked on the page after a reload; nobody else would hear of it. */
  onBroken(cause: unknown): void;
}

/** Chromium stays with WhatsApp: no first-run pages, no updates, no calls home. */
const quiet = [
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** One question to the page may take this long; a page that hangs is found so. */
const protocolTimeoutMs = 45_000;

/** WhatsApp Web opened elsewhere is taken back after this long. */
const takeoverMs = 2_000;

/**
 * A client of whatsapp-web.js as it comes, loaded when it is first asked for: it is heavy, and Telegram alone needs none.
 * One client is one try: it is never started twice.
 *
 * @throws Error when the package is missing
 */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { default: whatsapp } = await import("whatsapp-web.js").catch((cause: unknown) => {
    throw new Error('The package whatsapp-web.js, which WHATSAPP=on needs, cannot be loaded: run "npm ci".', { cause });
  });

  // Its own would delete the profile of a browser that still runs. The session does it after the browser's end.
  class Auth extends whatsapp.LocalAuth {
    override logout = async (): Promise<void> => {};
  }

  const client = new whatsapp.Client({
    authStrategy: new Auth({ dataPath: options.folder }),
    // A page that is kept by the library would be loaded in place of WhatsApp's own.
    webVersionCache: { type: "none" },
    takeoverOnConflict: true,
    takeoverTimeoutMs: takeoverMs,
    puppeteer: {
      executablePath: options.chromePath,
      args: [...quiet, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), ...options.browserArgs],
      protocolTimeout: protocolTimeoutMs,
      // Crier ends the browser itself, after the messages under way.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    },
  });
  containFailures(client, options.onBroken);
  // It would read the page's whole text at each load, for a cache that is off, and fail unheard when the browser closes.
  Reflect.set(client, "initWebVersionCache", async () => {});
  return client;
}

/**
 * What the library does in its own listeners fails with nobody to hear it, which would end Node: it injects its scripts
 * after a reload, closes a browser that lost its connection, and takes the connection back some time after a conflict.
 */
function containFailures(client: Client, onBroken: (cause: unknown) => void): void {
  const inject: unknown = Reflect.get(client, "inject");
  if (typeof inject !== "function") throw new Error('This is not the whatsapp-web.js that Crier knows: run "npm ci".');
  let isFirst = true;
  Reflect.set(client, "inject", async () => {
    const wasFirst = isFirst;
    isFirst = false;
    if (wasFirst && client.pupPage) hearFailures(client.pupPage, "evaluate");
    try {
      await inject.call(client);
    } catch (cause) {
      // The first time `initialize` hears of it.
      if (wasFirst) throw cause;
      onBroken(cause);
    }
  });
  hearFailures(client, "destroy");
}

/** Who waits for the method's answer still hears of its failure; where nobody does, nothing comes of it. */
function hearFailures<Name extends string>(
  owner: Record<Name, (...args: never[]) => Promise<unknown>>,
  name: Name,
): void {
  const method = owner[name];
  Reflect.set(owner, name, (...args: never[]) => {
    const answer = method.apply(owner, args);
    answer.catch(() => undefined);
    return answer;
  });
}
