import type { Logger } from "pino";
import { type Config, isUnconfigured, readConfig } from "../config.ts";
import { createLog } from "../log.ts";
import { type Crier, startCrier } from "../main.ts";
import { findChromium } from "../setup.mjs";
import { complain, print, readEnvironment } from "./environment.ts";
import { toLedgerLine } from "./ledger.ts";
import { prepareSandbox, type SandboxSurroundings } from "./sandbox-settings.ts";
import { loadSettings } from "./settings.ts";

/** Deliveries that the sandbox's page shows. */
const ledgerLines = 100;

/** `crier start`: the configured bots; where nothing is configured, the sandbox. */
export async function start(): Promise<number> {
  const env = readEnvironment();
  if (isUnconfigured(env)) return sandbox();
  const settings = await loadSettings(env);
  if (!settings) return 2;
  const { config, chromePath } = settings;
  const log = createLog(config.logLevel);
  guard(log);
  const told = awaitSignal();
  const crier = await startCrier(config, { log, print, chromePath });
  announce(config, crier, chromePath);
  await told;
  print("Stopping: messages under way are finished first.");
  await crier.stop();
  return leave(0);
}

/** `crier sandbox`: the real Crier between a simulated newsroom and simulated phones. */
export async function sandbox(): Promise<number> {
  const env = readEnvironment();
  const told = awaitSignal();
  const surroundings = await prepareSandbox(env);
  if (!surroundings) return 2;
  const log = createLog(env.LOG_LEVEL ?? "warn");
  guard(log);
  try {
    await show(surroundings, findChromium(env), log, told);
  } finally {
    await surroundings.remove();
  }
  return leave(0);
}

async function show(
  { host, port, timeZone, env }: SandboxSurroundings,
  chromePath: string | null,
  log: Logger,
  told: Promise<void>,
): Promise<void> {
  const { startSandbox } = await import("../sandbox/index.ts");
  const simulated = await startSandbox({ host, port, timeZone, withWhatsApp: chromePath !== null, log });
  const { config, problems } = readConfig({ ...env, ...simulated.env });
  if (!config) {
    const words = problems.map(({ setting, problem }) => `${setting} ${problem}`).join(" ");
    throw new Error(`The sandbox's own settings are wrong: ${words}`);
  }
  const crier = await startCrier(config, { log, print: () => {}, chromePath });
  await simulated.serve({
    ledger: async () => (await crier.store.outbox.recent(ledgerLines)).map(toLedgerLine),
    status: () => Object.fromEntries(crier.bots.map((bot) => [bot.platform, bot.health().state])),
    subscribed: async () => (await crier.store.chats.count()).reduce((sum, { subscribed }) => sum + subscribed, 0),
  });
  print(`Crier's sandbox is open: ${simulated.url}`);
  print("A newsroom, a Telegram and a WhatsApp, all simulated on this machine; nothing leaves it. Ctrl-C stops it.");
  if (!chromePath) complain("WhatsApp is off: no Chromium was found. Install Chromium or set CHROME_PATH.");
  print("To go live, copy .env.example to .env and fill in a bot and a feed.");
  await told;
  await crier.stop();
  await simulated.stop();
}

function announce(config: Config, crier: Crier, chromePath: string | null): void {
  if (config.whatsapp && !chromePath) {
    complain(
      "WhatsApp stays off: no Chromium was found. Install Chromium (on Debian: apt-get install chromium) or set CHROME_PATH.",
    );
  }
  const platforms = crier.bots.map((bot) => bot.platform).join(" and ") || "no platform";
  print(
    `Crier is running: ${config.feeds.length} ${config.feeds.length === 1 ? "feed" : "feeds"} to ${platforms}. Its health: ${crier.url}/healthz`,
  );
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
function awaitSignal(): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const hear = (): void => {
      if (told) process.exit(130);
      told = true;
      resolve();
    };
    process.on("SIGTERM", hear);
    process.on("SIGINT", hear);
  });
}

/** A library's forgotten promise must not end the distribution of news; an error in Crier's own flow does, and the next start goes on. */
function guard(log: Logger): void {
  process.on("unhandledRejection", (err) => log.error({ err }, "a promise was rejected and nobody heard"));
  process.on("uncaughtException", (err) => {
    log.fatal({ err }, "Crier ends after an error that it did not expect");
    process.exit(1);
  });
}

/** Everything is closed by now: nothing that a library left open may keep the process. */
const leave = (code: number): never => process.exit(code);
