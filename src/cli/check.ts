import { execFileSync } from "node:child_process";
import { createHttp } from "#content/shared/http";
import { FeedError } from "#core/errors";
import type { Feed } from "#core/model";
import { openStore } from "#store/open";
import { identifyTelegram } from "../../bots/telegram/identify.ts";
import { createAdapters } from "../../content/index.ts";
import { type Config, isUnconfigured, userAgentOf } from "../config.ts";
import { isHookFeed } from "../hook-feed.ts";
import { print, readEnvironment } from "./environment.ts";
import { counted } from "./say.ts";
import { loadSettings } from "./settings.ts";
import { placeOf } from "./store.ts";

interface Finding {
  what: string;
  good: boolean;
  text: string;
}

type CheckedFeed = Pick<Feed, "kind" | "address"> & Partial<Pick<Feed, "url" | "rules">>;

/** `crier check`: what is configured, and whether each part answers. Sends nothing and polls nothing: it may run beside Crier. */
export async function check(): Promise<number> {
  const env = readEnvironment();
  if (isUnconfigured(env)) {
    print(
      'Nothing is configured: "npm start" runs the sandbox. To go live, copy .env.example to .env and fill in a bot and a feed.',
    );
    return 0;
  }
  const settings = await loadSettings(env);
  if (!settings) return 2;
  const { config, chromePath } = settings;
  const store = await checkStore(config);
  const others = await Promise.all([
    checkTelegram(config),
    checkWhatsApp(config, chromePath),
    checkFeeds(config, store.feeds),
  ]);
  const findings = [store.finding, ...others.flat()];
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { what, good, text } of findings) print(`${what.padEnd(width)}  ${good ? "ok " : "BAD"}  ${text}`);
  const bad = findings.filter(({ good }) => !good).length;
  print(bad === 0 ? "All is well." : `${bad} of ${findings.length} need you.`);
  return bad === 0 ? 0 : 1;
}

async function checkStore(config: Config): Promise<{ finding: Finding; feeds: CheckedFeed[] }> {
  const what = "store";
  try {
    const store = await openStore(placeOf(config));
    const counts = await store.outbox.counts();
    const feeds = await store.feeds.list();
    await store.close();
    const waiting = counts.filter(({ state }) => state === "pending").reduce((sum, { count }) => sum + count, 0);
    const place = config.databaseUrl ? "PostgreSQL" : `SQLite in ${config.dataDir}`;
    const text = `${place}; ${counted(waiting, "delivery waits", "deliveries wait")}`;
    return { finding: { what, good: true, text }, feeds };
  } catch (error) {
    return { finding: { what, good: false, text: messageOf(error) }, feeds: [] };
  }
}

async function checkTelegram({ telegram }: Config): Promise<Finding[]> {
  const what = "Telegram";
  if (!telegram) return [{ what, good: true, text: "off: TELEGRAM_BOT_TOKEN is not set" }];
  const who = await identifyTelegram(telegram);
  if (!who.good) return [{ what, good: false, text: who.problem }];
  const { admins, chats } = telegram;
  return [
    {
      what,
      good: true,
      text: `@${who.username}; ${counted(admins.length, "admin")}, ${counted(chats.length, "chat")} in the settings`,
    },
  ];
}

async function checkWhatsApp({ whatsapp }: Config, chromePath: string | null): Promise<Finding[]> {
  const what = "WhatsApp";
  if (!whatsapp) return [{ what, good: true, text: "off: WHATSAPP is not on" }];
  if (!chromePath) {
    return [
      {
        what,
        good: false,
        text: "no Chromium was found. Install it (on Debian: apt-get install chromium) or set CHROME_PATH",
      },
    ];
  }
  try {
    const version = execFileSync(chromePath, ["--version"], {
      encoding: "utf8",
      timeout: 20_000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    const { admins, groups } = whatsapp;
    return [
      {
        what,
        good: true,
        text: `${version}; ${counted(admins.length, "admin")}, ${counted(groups.length, "group")} in the settings`,
      },
    ];
  } catch (error) {
    return [{ what, good: false, text: `${chromePath} does not run: ${messageOf(error)}` }];
  }
}

/** Reads each feed of the settings, and each that was added beside them. */
async function checkFeeds(
  { feeds, allowPrivateHosts, publicUrl, timeZone }: Config,
  kept: CheckedFeed[],
): Promise<Finding[]> {
  const http = createHttp({ allowPrivateHosts, userAgent: userAgentOf(publicUrl) });
  const adapters = createAdapters({ http, timeZone });
  const named: CheckedFeed[] = [...feeds, ...kept.filter((feed) => !isHookFeed(feed))];
  const all = new Map(named.map((feed) => [`${feed.kind}:${feed.address}`, feed]));
  const findings = await Promise.all(
    [...all.values()].map(async ({ kind, address, url = address, rules = {} }): Promise<Finding> => {
      const what = kind === "feed" ? address : `${kind}:${address}`;
      try {
        const adapter = adapters.find((candidate) => candidate.kind === kind);
        const result = await adapter?.fetch({ url, validators: {}, rules }, AbortSignal.timeout(30_000));
        if (result?.kind !== "fetched")
          return { what, good: false, text: "its server says that it is gone for good: take it out" };
        const newest = result.articles
          .map(({ publishedAt }) => publishedAt)
          .filter((at) => at !== null)
          .sort((a, b) => b.getTime() - a.getTime())[0];
        const when = newest ? `, the newest of ${newest.toISOString().slice(0, 16).replace("T", " ")} UTC` : "";
        return {
          what,
          good: true,
          text: `"${result.title ?? "no title"}", ${counted(result.articles.length, "article")}${when}`,
        };
      } catch (error) {
        return { what, good: false, text: error instanceof FeedError ? error.message : messageOf(error) };
      }
    }),
  );
  await http.close();
  return findings;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
