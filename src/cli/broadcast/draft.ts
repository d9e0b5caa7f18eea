import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { readAudience } from "#core/broadcast/audience";
import { draft as keep } from "#core/broadcast/desk";
import { audienceNow } from "#core/broadcast/life";
import { draftWords, type Pace } from "#core/broadcast/say";
import type { Broadcast, BroadcastAudience, Store } from "#core/ports";
import { textOf, trimSpans } from "#core/spans";
import { listAccounts } from "../../../bots/index.ts";
import { renderMessage } from "../../../bots/render.ts";
import { spansFromMarks } from "../../../bots/whatsapp/marks.ts";
import { systemClock } from "../../clock.ts";
import type { Config } from "../../config.ts";
import { createLog } from "../../log.ts";
import { complain, print } from "../environment.ts";
import { Misuse, orMisuse } from "../misuse.ts";
import { findChat } from "../why.ts";
import { type Desk, timeIn } from "./desk.ts";

const options = {
  to: { type: "string" },
  chat: { type: "string" },
  at: { type: "string" },
  signature: { type: "string" },
} as const;

/** `crier broadcast draft [FILE] …`: keeps the text and shows it. @throws Misuse */
export function draft(args: string[]): (desk: Desk) => Promise<number> {
  const { values, positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options }));
  const [file = "-", ...more] = positionals;
  if (more.length > 0) throw new Misuse("Name one file: crier broadcast draft FILE.");
  if (values.to !== undefined && values.chat !== undefined) throw new Misuse("Give --to or --chat, not both.");
  return async (desk) => {
    const { store, call, manner } = desk;
    const audience =
      values.chat === undefined ? await audienceIn(store, values.to ?? "all") : await oneChat(store, values.chat);
    if (!audience) return 1;
    const dueAt = values.at === undefined ? null : timeIn(values.at, manner);
    const spans = trimSpans(spansFromMarks(await written(file)));
    if (textOf(spans) === "") throw new Misuse("The text is empty.");
    const { signature } = values;
    const drafted = await keep(store, { spans, audience, dueAt, ...(signature ? { signature } : {}) }, call);
    if ("problem" in drafted) {
      complain(`crier: ${drafted.problem}`);
      return 1;
    }
    return preview(desk, drafted.kept);
  };
}

/** The exact message on each platform that it goes to, and what is about to happen. */
export async function preview({ store, config, manner }: Desk, found: Broadcast): Promise<number> {
  const chats = found.chats ?? (await audienceNow(store, found));
  const { spans, signature } = found;
  for (const { platform } of chats) {
    if (platform !== "telegram" && platform !== "whatsapp") continue;
    print(`– ${platform} –\n${shown(renderMessage(platform, { kind: "broadcast", spans, signature }).text)}\n`);
  }
  if (found.state === "draft") print(draftWords(found, chats, await pacesOf(config), manner));
  return 0;
}

/** Several lines of text from elsewhere for a terminal: nothing in them moves the cursor or turns a line. */
const shown = (lines: string): string => lines.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, "");

async function audienceIn(store: Store, named: string): Promise<BroadcastAudience> {
  const platforms = ["telegram", "whatsapp", ...(await store.chats.count()).map(({ platform }) => platform)];
  const audience = readAudience(named, { platforms, here: null });
  if (!audience) {
    throw new Misuse(
      `--to is a platform, groups, channels, private, topic:Sport or several with +; “${named}” is none.`,
    );
  }
  return audience;
}

async function oneChat(store: Store, named: string): Promise<BroadcastAudience | null> {
  const chat = await findChat(store, named);
  return chat && { chat: chat.id };
}

async function written(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Misuse(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The pace of each bot of the settings, as it would run. */
async function pacesOf(config: Config): Promise<Pace[]> {
  const bots = listAccounts({
    config,
    // No browser is started to learn its bot's pace.
    chromePath: "unused",
    fetchPicture: () => Promise.reject(new Error("Nothing is sent here.")),
    commands: [],
    log: createLog("silent"),
    clock: systemClock,
  }).map(({ open }) => open());
  const paces = bots.map(({ platform, limits }) => ({ platform, perSecond: limits.perSecond }));
  await Promise.all(bots.map((bot) => bot.stop()));
  return paces;
}
