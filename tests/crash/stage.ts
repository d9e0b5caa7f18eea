import { setTimeout as pause } from "node:timers/promises";
import { type Crier, startCrier } from "#tests/crash/crier";
import { createEditor } from "#tests/crash/editor";
import { openNewsroom } from "#tests/crash/newsroom";
import type { Place } from "#tests/crash/place";
import { openPlatform } from "#tests/crash/platform";
import { type Chance, createChance } from "#tests/crash/random";
import { answersIn, createReaders } from "#tests/crash/readers";
import { type Books, judge } from "#tests/crash/verdict";
import { callTimeoutMs, platformName } from "#tests/crash/wire";

/** A newsroom, its readers and a platform around a Crier that comes and goes. */
export interface Stage extends Books {
  chance: Chance;
  did: { corrections: number; retractions: number };
  start(): Crier;
  /** The Crier that runs, if one does. */
  running(): Crier | null;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Called at each call that begins at the platform. */
  onCall(listener: () => void): void;
  /** Something happens in the newsroom, in a chat or at the editor's desk. */
  act(): void;
  /**
   * Lets Crier go on, nothing goes wrong any more, until all has come right and nothing is left to be done; ends it.
   *
   * @throws Error that says what is missing when nothing more comes
   */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  seed: number;
  /** Whether the platform can say what arrived. */
  canProve?: boolean;
  /** How long the bot waits for an answer. */
  giveUpMs?: number;
  /** Without any call for so long nothing comes any more: looks at what is unknown are up to two minutes apart. */
  silentMs?: number;
}

export async function openStage(
  place: Place,
  { seed, canProve = true, giveUpMs = callTimeoutMs, silentMs = 150_000 }: StageOptions,
): Promise<Stage> {
  const chance = createChance(seed);
  let moment = 0;
  const tick = (): number => (moment += 1);
  let atCall = (): void => {};
  const platform = await openPlatform({
    chance: createChance(seed + 1),
    tick,
    canProve,
    onCall: () => atCall(),
  });
  const newsroom = await openNewsroom({ chance: createChance(seed + 2), tick });
  const readers = createReaders({ chance, tick, platform });
  const editor = createEditor({ chance, tick, platform });
  const books: Books = { platform, newsroom, readers, editor };
  const did = { corrections: 0, retractions: 0 };
  let crier: Crier | null = null;
  readers.begin();

  const start = (): Crier => {
    const started = startCrier(place, platform.origin, {
      FEEDS: newsroom.feedUrl,
      FEED_INTERVAL: "1s",
      FIRST_RUN: "all",
      LINK_INTERVAL: "off",
      HOOK_SECRET: newsroom.secret,
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      PORT: "0",
      TIMEZONE: "UTC",
      LOG_LEVEL: "info",
      GIVE_UP_MS: String(giveUpMs),
    });
    started.ready.then(newsroom.setHook, () => {});
    crier = started;
    return started;
  };

  const actFully = (): void => {
    const dice = chance.next();
    const young = newsroom.stories.slice(-8).filter(({ isRetracted, isFrozen }) => !isRetracted && !isFrozen);
    if (dice < 0.45 || young.length === 0) newsroom.publish();
    else if (dice < 0.62) {
      newsroom.correct(chance.one(young));
      did.corrections += 1;
    } else if (dice < 0.68) {
      newsroom.retract(chance.one(young));
      did.retractions += 1;
    } else if (dice < 0.84) readers.waver();
    else if (readers.all.some(({ kind, chat }) => kind === "steady" && answersIn(platform, chat).length > 0)) {
      editor.act();
    }
  };

  /** What is open in the database while Crier runs: nothing must be in the end. The oldest say what holds up the rest. */
  const open = async (): Promise<string[]> => {
    const rows = await place.ledger.all<object>(`
      select c.address, m.key, d.state, d.attempts, d.reason, d.not_before, d.look_at, d.claimed_at, d.ended_at
      from deliveries d join messages m on m.id = d.message_id join chats c on c.id = d.chat_id
      where d.platform = '${platformName}'
        and (d.state in ('pending', 'held', 'sending') or (d.state = 'unknown' and d.look_at is not null))
      order by d.id limit 3`);
    const queued = await place.ledger.all<object>(
      "select key, fan_out_cursor from messages where fan_out_cursor is not null",
    );
    return [...rows, ...queued].map((row) => JSON.stringify(row));
  };

  return {
    ...books,
    chance,
    did,
    start,
    running: () => crier,
    async kill() {
      newsroom.setHook(null);
      await crier?.kill();
      crier = null;
      await place.isLeft();
    },
    onCall(listener) {
      atCall = listener;
    },
    // What is unknown for good can be told apart only where nothing else becomes of it.
    act: canProve ? actFully : () => void newsroom.publish(undefined, false),
    async drain() {
      platform.setFaults(false);
      const last = crier ?? start();
      await last.ready;
      let calls = platform.calls();
      for (let quietSince = performance.now(); ; ) {
        const { wrong, missing } = judge(books);
        if (wrong.length > 0) throw new Error(wrong.join("; "));
        const left = [
          ...(await open()),
          ...(canProve ? missing : []),
          ...(newsroom.isHeard() && platform.untaken() === 0 ? [] : ["Crier has not heard everything"]),
          ...(editor.finish() ? [] : ["the editor waits for an answer"]),
        ];
        if (left.length === 0) break;
        if (platform.calls() > calls) quietSince = performance.now();
        calls = platform.calls();
        if (performance.now() - quietSince > silentMs) throw new Error(left.slice(0, 12).join("; "));
        await pause(50);
      }
      newsroom.setHook(null);
      const code = await last.stop();
      crier = null;
      if (code !== 0) throw new Error(`Crier did not end in peace: ${last.said().slice(-5).join("\n")}`);
      await place.isLeft();
    },
    async close() {
      await crier?.kill();
      await newsroom.close();
      await platform.close();
    },
  };
}

/** What is wrong in the database, or in Crier's own count of what it sent. */
export async function expectRight({ ledger }: Place, { platform }: Books): Promise<void> {
  const flaws = await ledger.flaws();
  if (flaws.length > 0) throw new Error(flaws.join("; "));
  const [row] = await ledger.all<{ kept: number | string; past: number | string }>(`
    select (select count(*) from deliveries d join messages m on m.id = d.message_id
        where m.action = 'send' and d.state in ('sent', 'recalled')) as kept,
      (select coalesce(sum(count), 0) from past_deliveries) as past`);
  const [kept, past] = [Number(row?.kept), Number(row?.past)];
  const arrived = arrivedAt(platform);
  const isRight = past === 0 ? kept === arrived : kept <= arrived && kept + past >= arrived;
  if (!isRight) throw new Error(`Crier counts ${kept} sent (and ${past} of old), the platform ${arrived}`);
}

/** Messages that ever arrived. */
export const arrivedAt = (platform: Books["platform"]): number =>
  platform.chats().reduce((sum, chat) => sum + platform.held(chat).length, 0);
