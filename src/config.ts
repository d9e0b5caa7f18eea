import { readFileSync } from "node:fs";
import path from "node:path";
import type { DeskSettings } from "#core/desk/hold";
import { firstLookMs } from "#core/retract";
import { parseBrowserArgs } from "./browser-args.ts";

/** What Crier runs with. Built once, by `readConfig`; nothing else reads the environment. */
export interface Config {
  /** Null: no Telegram. */
  telegram: { token: string; apiRoot: string; admins: string[]; chats: string[]; perSecond: number } | null;
  /** Null: no WhatsApp. */
  whatsapp: { browserArgs: string[]; admins: string[]; groups: string[] } | null;
  chromePath: string | null;
  feeds: FeedAddress[];
  feedIntervalMs: number;
  firstRun: "none" | "newest" | "all";
  /** Time between two looks at an article's own link; null: they are not looked at. */
  linkIntervalMs: number | null;
  /** How many different editors must let a held story go. */
  reviewEditors: number;
  /** How long a held story waits for them. */
  reviewExpiresMs: number;
  /** Whether an article's page is looked at before it goes out, where its feed's rules do not say. */
  preflight: boolean;
  /** With which a newsroom's own system says what to publish; null: it cannot. */
  hookSecret: string | null;
  allowPrivateHosts: string[];
  dataDir: string;
  /** Days for which deliveries, messages and articles are kept. */
  keepDays: number;
  databaseUrl: string | null;
  host: string;
  port: number;
  publicUrl: string | null;
  /** With which the metrics are read from anywhere; null: only on this machine. */
  metricsToken: string | null;
  timeZone: string;
  logLevel: string;
}

/** What is read, and how. */
export interface FeedAddress {
  kind: string;
  address: string;
}

/** One setting that must be mended, in words to act on. */
export interface Problem {
  setting: string;
  problem: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const fail = (message: string): never => {
  throw new Error(message);
};

/** Items between commas, semicolons or line ends; a JSON array for items that contain those. */
const list = (value: string): string[] => {
  if (value.startsWith("[")) {
    const items = parseJson(value);
    return Array.isArray(items)
      ? items.map(String)
      : fail('starts with "[" but is no JSON array of texts. Write ["one","two"].');
  }
  return value
    .split(/[,;\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== "");
};

const words = (value: string): string[] => list(value.startsWith("[") ? value : value.replace(/\s+/g, ","));

const each = (items: string[], test: RegExp, message: (item: string) => string): string[] =>
  items.map((item) => (test.test(item) ? item : fail(message(item))));

/** How a feed's kind is written before its address; without one it is a feed. */
const feedKind = /^(feed|sitemap|page|listing|wordpress|folder):(?!\/\/)/i;

const feedAddress = (item: string): FeedAddress => {
  const [prefix = "", named] = feedKind.exec(item) ?? [];
  const kind = named?.toLowerCase() ?? "feed";
  const address = item.slice(prefix.length);
  if (kind !== "folder") return { kind, address: httpUrl(address) };
  if (address === "") fail('names a folder without its path. Write it as in "folder:./posts".');
  // The same folder is the same feed, wherever Crier is started.
  return { kind, address: path.resolve(address) };
};

const httpUrl = (value: string): string => {
  const url = URL.parse(value);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:"))
    fail(`must be an address that begins with http:// or https://; "${value}" is none.`);
  return value;
};

const wholeNumber = (value: string, least: number, most: number): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most)
    fail(`must be a whole number from ${least} to ${most}.`);
  return number;
};

const oneOf =
  <const T extends string>(...choices: T[]) =>
  (value: string): T =>
    choices.find((choice) => choice === value.toLowerCase()) ??
    fail(`must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}; it is "${value}".`);

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

const interval = (value: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([smh])$/i.exec(value) ?? [];
  const ms = Number(amount) * (unitMs[unit?.toLowerCase() ?? ""] ?? Number.NaN);
  if (!(ms >= 1_000 && ms <= 86_400_000))
    fail('must be a time from 1s to 24h with its unit, as in "30s", "2m" or "1h".');
  return ms;
};

/** A longer time, which may be given in days. */
const longInterval = (value: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([mhd])$/i.exec(value) ?? [];
  const ms = Number(amount) * ({ ...unitMs, d: 86_400_000 }[unit?.toLowerCase() ?? ""] ?? Number.NaN);
  if (!(ms >= 60_000 && ms <= 30 * 86_400_000))
    fail('must be a time from 1m to 30d with its unit, as in "90m", "24h" or "3d".');
  return ms;
};

const phoneNumber = /^\+?[\d\s().-]{7,24}$/;

/** One that a header can carry, and that nobody guesses. */
const secret = (value: string): string =>
  /^[\x21-\x7e]{16,}$/.test(value)
    ? value
    : fail("must be 16 or more letters, digits and signs without a space, as from: openssl rand -hex 32");

const asGiven = (value: string): string => value;

/**
 * Each setting with how it is read; what is wrong with one is thrown in words that follow its name. `.env.example`
 * documents the same names, and a test holds the two together.
 */
const settings = {
  TELEGRAM_BOT_TOKEN: (value: string) =>
    /^\d{1,20}:[\w-]{1,80}$/.test(value)
      ? value
      : fail('is no bot token. It looks like "123456:ABC-DEF…"; @BotFather gives it to you.'),
  TELEGRAM_API_ROOT: (value: string) => httpUrl(value).replace(/\/+$/, ""),
  TELEGRAM_ADMINS: (value: string) =>
    each(
      words(value),
      /^\d{1,15}$/,
      (item) => `takes user ids, which are numbers; "${item}" is none. @userinfobot tells you yours.`,
    ),
  TELEGRAM_CHATS: (value: string) =>
    each(
      words(value),
      /^(-?\d{1,20}|@[A-Za-z]\w{3,31})$/,
      (item) => `takes chat ids such as -1001234567890 and @names; "${item}" is neither.`,
    ),
  TELEGRAM_RATE: (value: string) => wholeNumber(value, 1, 1000),
  WHATSAPP: oneOf("on", "off"),
  CHROME_PATH: asGiven,
  WHATSAPP_BROWSER_ARGS: parseBrowserArgs,
  WHATSAPP_ADMINS: (value: string) =>
    each(
      list(value),
      phoneNumber,
      () => "takes phone numbers with their country code, as in +972501234567; one of them is none.",
    ),
  WHATSAPP_GROUPS: list,
  FEEDS: (value: string) =>
    (value.startsWith("[") ? list(value) : value.split(/\s*[,;]\s*(?=[a-z]+:)|\s+/i).filter(Boolean)).map(feedAddress),
  FEED_INTERVAL: interval,
  FIRST_RUN: oneOf("none", "newest", "all"),
  LINK_INTERVAL: (value: string) => (value.toLowerCase() === "off" ? null : interval(value)),
  REVIEW_EDITORS: (value: string) => wholeNumber(value, 1, 9),
  REVIEW_EXPIRES: longInterval,
  PREFLIGHT: oneOf("on", "off"),
  HOOK_SECRET: secret,
  ALLOW_PRIVATE_HOSTS: words,
  DATA_DIR: asGiven,
  KEEP_DAYS: (value: string) => wholeNumber(value, 7, 36_500),
  DATABASE_URL: (value: string) =>
    /^postgres(ql)?:\/\/\S+$/.test(value)
      ? value
      : fail("must begin with postgres://, as in postgres://user:password@host:5432/crier."),
  HOST: asGiven,
  PORT: (value: string) => wholeNumber(value, 0, 65535),
  PUBLIC_URL: (value: string) => httpUrl(value).replace(/\/+$/, ""),
  METRICS_TOKEN: secret,
  TIMEZONE: (value: string) => timeZone(value),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent"),
};

type SettingName = keyof typeof settings;

/** The settings that were given, each in its own type. */
type Given = { [Name in SettingName]?: ReturnType<(typeof settings)[Name]> };

/** All settings' names, in the order of `.env.example`. */
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** Settings that no log, page or answer ever shows. Each can also come from a file named by the setting with `_FILE` behind it. */
const secretSettings = [
  "TELEGRAM_BOT_TOKEN",
  "HOOK_SECRET",
  "DATABASE_URL",
  "METRICS_TOKEN",
] as const satisfies readonly SettingName[];

/** Settings that say where and how Crier runs, but not what it does: with these alone the sandbox runs. */
const surroundings: readonly SettingName[] = [
  "CHROME_PATH",
  "DATA_DIR",
  "KEEP_DAYS",
  "DATABASE_URL",
  "HOST",
  "PORT",
  "PUBLIC_URL",
  "METRICS_TOKEN",
  "TIMEZONE",
  "LOG_LEVEL",
];

/** True when nothing says what Crier shall do: then it shows itself in the sandbox. */
export function isUnconfigured(env: Env): boolean {
  const says = (name: string): boolean => (env[name] ?? "").trim() !== "";
  const own = settingNames.filter((name) => !surroundings.includes(name));
  return ![...own, ...secretSettings.map((name) => `${name}_FILE`)].some(
    (name) => !surroundings.includes(name as SettingName) && says(name),
  );
}

/** What must be there: somewhere to send to, and something to read. Tools that need neither ask for neither. */
export type Need = "bot" | "feed";

/** Reads the settings. Pure but for the files that `…_FILE` names. Every problem at once, or the whole configuration. */
export function readConfig(
  env: Env,
  needs: readonly Need[] = ["bot", "feed"],
): { config: Config; problems: [] } | { config: null; problems: Problem[] } {
  const problems: Problem[] = [];
  const given: Given = {};
  const read = <Name extends SettingName>(name: Name, value: string): void => {
    try {
      given[name] = settings[name](value) as Given[Name];
    } catch (error) {
      problems.push({ setting: name, problem: error instanceof Error ? error.message : String(error) });
    }
  };
  const valueOf = (name: SettingName): string => env[name]?.trim() || secretFromFile(name, env, problems);
  for (const name of settingNames) {
    const value = valueOf(name);
    if (value) read(name, value);
  }
  // A setting that is there but wrong has its own problem already.
  const isThere = (name: SettingName): boolean =>
    given[name] !== undefined || problems.some(({ setting }) => setting === name || setting === `${name}_FILE`);
  const isOn = given.WHATSAPP === undefined ? isThere("WHATSAPP") : given.WHATSAPP === "on";
  if (needs.includes("bot") && !isThere("TELEGRAM_BOT_TOKEN") && !isOn) {
    problems.push({
      setting: "TELEGRAM_BOT_TOKEN",
      problem: "is missing, and WHATSAPP is not on: there is nowhere to send to. Set one of them, or both.",
    });
  }
  if (needs.includes("feed") && !isThere("FEEDS") && !isThere("HOOK_SECRET")) {
    problems.push({
      setting: "FEEDS",
      problem:
        "is missing: there is nothing to read. Set it to the address of your feed, or add one with “crier feeds add”.",
    });
  }
  return problems.length > 0 ? { config: null, problems } : { config: toConfig(given), problems: [] };
}

/** What stands in the file that `NAME_FILE` names; empty where it names none. */
function secretFromFile(name: SettingName, env: Env, problems: Problem[]): string {
  const file = secretSettings.some((secret) => secret === name) ? env[`${name}_FILE`]?.trim() : undefined;
  if (!file) return "";
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    problems.push({ setting: `${name}_FILE`, problem: `names the file ${file}, which cannot be read.` });
    return "";
  }
}

/** What decides how articles go out past the editors' desk. */
export const deskOf = ({
  reviewEditors,
  reviewExpiresMs,
  preflight,
  linkIntervalMs,
}: Pick<Config, "reviewEditors" | "reviewExpiresMs" | "preflight" | "linkIntervalMs">): DeskSettings => ({
  editors: reviewEditors,
  expiresMs: reviewExpiresMs,
  preflight,
  probeAfterMs: linkIntervalMs === null ? null : firstLookMs(linkIntervalMs),
});

/** How Crier names itself to the servers of feeds, with an address for their owners where there is one. */
export const userAgentOf = (publicUrl: string | null): string =>
  publicUrl ? `Crier/0.1 (+${publicUrl})` : "Crier/0.1";

function toConfig(given: Given): Config {
  return {
    telegram: given.TELEGRAM_BOT_TOKEN
      ? {
          token: given.TELEGRAM_BOT_TOKEN,
          apiRoot: given.TELEGRAM_API_ROOT ?? "https://api.telegram.org",
          admins: given.TELEGRAM_ADMINS ?? [],
          chats: given.TELEGRAM_CHATS ?? [],
          perSecond: given.TELEGRAM_RATE ?? 30,
        }
      : null,
    whatsapp:
      given.WHATSAPP === "on"
        ? {
            browserArgs: given.WHATSAPP_BROWSER_ARGS ?? [],
            admins: given.WHATSAPP_ADMINS ?? [],
            groups: given.WHATSAPP_GROUPS ?? [],
          }
        : null,
    chromePath: given.CHROME_PATH ?? null,
    feeds: given.FEEDS ?? [],
    feedIntervalMs: given.FEED_INTERVAL ?? 120_000,
    firstRun: given.FIRST_RUN ?? "none",
    linkIntervalMs: given.LINK_INTERVAL === undefined ? 600_000 : given.LINK_INTERVAL,
    reviewEditors: given.REVIEW_EDITORS ?? 1,
    reviewExpiresMs: given.REVIEW_EXPIRES ?? 24 * 3_600_000,
    preflight: given.PREFLIGHT === "on",
    hookSecret: given.HOOK_SECRET ?? null,
    allowPrivateHosts: given.ALLOW_PRIVATE_HOSTS ?? [],
    dataDir: given.DATA_DIR ?? "./data",
    keepDays: given.KEEP_DAYS ?? 90,
    databaseUrl: given.DATABASE_URL ?? null,
    host: given.HOST ?? "127.0.0.1",
    port: given.PORT ?? 8080,
    publicUrl: given.PUBLIC_URL ?? null,
    metricsToken: given.METRICS_TOKEN ?? null,
    timeZone: given.TIMEZONE ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    logLevel: given.LOG_LEVEL ?? "info",
  };
}

function timeZone(value: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return fail(`is no time zone: "${value}". Write it as in Asia/Jerusalem or Europe/London.`);
  }
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
