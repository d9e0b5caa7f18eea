import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { startNewsroom } from "./newsroom.ts";
import { startTelegramSimulator } from "./telegram/index.ts";
import { createSandboxPage } from "./web/app.ts";
import type { CrierView, SandboxLog } from "./web/deps.ts";
import { createWaitingPage } from "./web/waiting.ts";
import { startWhatsAppSimulator } from "./whatsapp/simulator.ts";

export interface SandboxOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** False where there is no Chromium for it. */
  withWhatsApp: boolean;
  /** Between two articles of the newsroom. */
  everyMs?: number;
  /** In which the page tells times; the machine's when left out. */
  timeZone?: string;
  log: SandboxLog;
}

/** A simulated newsroom, Telegram and WhatsApp, for a real Crier to run between. */
export interface Sandbox {
  /** The settings with which Crier finds them. */
  readonly env: Record<string, string>;
  /** Where the page is; until `serve` it asks for a moment's patience. */
  readonly url: string;
  /** Shows the page, with what Crier tells of itself. */
  serve(crier: CrierView): Promise<void>;
  stop(): Promise<void>;
}

const groupTitle = "Harbour Bell News";
/** The cast, the same people on both platforms. Their numbers are of those that Britain keeps for drama. */
const cast = {
  reader: { name: "Noa", number: "447700900107" },
  editor: { name: "Sam", number: "447700900108" },
};

/** @throws Error in words when the page's port is taken */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host, port, withWhatsApp, everyMs = 8_000, log } = options;
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(closers.splice(0).map((close) => close()));
  };
  try {
    let page = createWaitingPage(host);
    const server = await listen(host, port, (request) => page.fetch(request));
    closers.push(server.close);
    const newsroom = await startNewsroom({ everyMs });
    closers.push(newsroom.stop);
    const telegram = await startTelegram();
    closers.push(telegram.simulator.stop);
    const whatsapp = withWhatsApp ? await startWhatsApp() : null;
    if (whatsapp) closers.push(whatsapp.simulator.stop);
    return {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}/sandbox`,
      env: {
        ...telegram.env,
        ...(whatsapp?.env ?? { WHATSAPP: "off" }),
        FEEDS: newsroom.feedUrl,
        // A visitor who publishes waits no longer than this.
        FEED_INTERVAL: "2s",
        FIRST_RUN: "none",
        ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      },
      async serve(crier) {
        const phones = { telegram: telegram.simulator.phone, whatsapp: whatsapp?.simulator.phone ?? null };
        page = createSandboxPage({ ...crier, newsroom, phones, timeZone, host, log });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startTelegram() {
  const simulator = await startTelegramSimulator();
  const editor = simulator.addPerson({ name: cast.editor.name, isAdmin: true, started: true });
  simulator.addPerson({ name: cast.reader.name, isAdmin: false });
  const group = simulator.addGroup({ title: groupTitle, kind: "supergroup", botIsMember: true, admins: [editor.id] });
  const env = {
    TELEGRAM_BOT_TOKEN: simulator.token,
    TELEGRAM_API_ROOT: simulator.apiRoot,
    TELEGRAM_ADMINS: editor.id,
    TELEGRAM_CHATS: String(group),
  };
  return { simulator, env };
}

async function startWhatsApp() {
  const simulator = await startWhatsAppSimulator({ autoPair: true });
  const editor = simulator.addPerson({ ...cast.editor, isAdmin: true });
  const reader = simulator.addPerson({ ...cast.reader, isAdmin: false });
  const group = simulator.addGroup({
    title: groupTitle,
    admins: [editor.id],
    members: [reader.id],
    crierIsMember: true,
  });
  const env = {
    WHATSAPP: "on",
    WHATSAPP_BROWSER_ARGS: simulator.browserArgs.join("\n"),
    WHATSAPP_ADMINS: `+${cast.editor.number}`,
    WHATSAPP_GROUPS: group,
  };
  return { simulator, env };
}

async function listen(host: string, port: number, answer: (request: Request) => Response | Promise<Response>) {
  const server = createServer(getRequestListener(answer));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new Error(listenProblem(cause, host, port), { cause })),
    );
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listenProblem({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken, perhaps by another Crier. Set PORT to another one; 0 takes a free one.`;
  return `The sandbox cannot listen on ${host} port ${port} (${code ?? message}). Check HOST and PORT.`;
}
