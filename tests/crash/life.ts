import { setTimeout as pause } from "node:timers/promises";
import { killAtBackup } from "#tests/crash/backup";
import type { Crier } from "#tests/crash/crier";
import { expectAllQueued, gather } from "#tests/crash/crowd";
import type { Place } from "#tests/crash/place";
import { arrivedAt, expectRight, openStage, type Stage } from "#tests/crash/stage";
import { judge } from "#tests/crash/verdict";

/** Moments at which Crier is killed; the first of a life is in the middle of its migrations. */
const aims = ["start", "ready", "work", "work", "calls", "calls", "calls", "housekeeping"] as const;
type Aim = (typeof aims)[number] | "migration" | "backup";

export interface LifeOptions {
  seed: number;
  kills: number;
  /** Whether the platform can say what arrived. */
  canProve?: boolean;
  /** Beside the readers, so many chats for which messages are queued. */
  crowd?: number;
  /** Also kills while a backup is made, and brings that back. */
  backups?: boolean;
}

/** For calls that may never come, since there is nothing to be sent. */
const longestWaitMs = 3_000;

/** What a life came to. */
export interface Figures {
  /** By what it was aimed at. */
  kills: Record<string, number>;
  /** Starts that ended by themselves: another one still held the database. */
  refusals: number;
  /** Deliveries that were under way at kills, and kills with at least one of them. */
  underWay: number;
  midCall: number;
  stories: number;
  corrections: number;
  retractions: number;
  broadcasts: number;
  commands: number;
  arrived: number;
  unknown: number;
  faults: Record<string, number>;
  seconds: number;
}

/**
 * One life of a newsroom whose Crier is killed again and again, and is let alone in the end: until then all must have
 * come right, by books that know nothing of how Crier works.
 *
 * @throws Error that says what is wrong, with the seed that brings it back
 */
export async function live(place: Place, options: LifeOptions): Promise<Figures> {
  const { seed, kills, canProve = true, crowd = 0, backups = false } = options;
  const stage = await openStage(place, { seed, canProve, giveUpMs: canProve ? 1_000 : 60_000 });
  const { platform, newsroom, readers, editor, chance } = stage;
  const begun = performance.now();
  const figures = { underWay: 0, midCall: 0, refusals: 0, kills: {} as Record<string, number> };
  /** Deliveries that were under way at a kill, by the database: "chat key". */
  const underWay = new Set<string>();

  const die = async (aim: Aim): Promise<void> => {
    for (let left = chance.upTo(3); left > 0; left -= 1) stage.act();
    const crier = stage.start();
    try {
      await liveUntil(aim, stage, crier, place);
    } catch (error) {
      // It ended by itself before it ran: the database was not yet free.
      figures.refusals += 1;
      if (!/ended before it ran.* already/.test(String(error)) || figures.refusals > 2 + kills / 10) throw error;
    }
    await stage.kill();
    figures.kills[aim] = (figures.kills[aim] ?? 0) + 1;
    const sending = await deliveriesIn(place, "sending");
    for (const name of sending) underWay.add(name);
    figures.underWay += sending.length;
    if (sending.length > 0) figures.midCall += 1;
    const { wrong } = judge(stage);
    if (wrong.length > 0) throw new Error(wrong.join("; "));
  };

  try {
    await die("migration");
    if (crowd > 0) await gather(place, stage, crowd);
    // What is removed by its age is not counted any more.
    const possible: Aim[] = [
      ...aims.filter((aim) => crowd === 0 || aim !== "housekeeping"),
      ...(backups ? (["backup"] as const) : []),
    ];
    for (let count = 1; count < kills; count += 1) {
      await die(chance.one(possible));
      const flaws = count % 10 === 9 ? await place.ledger.flaws() : [];
      if (flaws.length > 0) throw new Error(flaws.join("; "));
    }
    await stage.drain();
    const unknown = await deliveriesIn(place, "unknown");
    if (crowd > 0) await expectAllQueued(place, crowd);
    if (canProve) await expectRight(place, stage);
    else expectKnownUnknowns(stage, unknown, underWay);
    return {
      ...figures,
      ...stage.did,
      stories: newsroom.stories.length,
      broadcasts: editor.all.length,
      commands: editor.asked() + readers.all.reduce((sum, { asked }) => sum + asked, 0),
      arrived: arrivedAt(platform),
      unknown: unknown.length,
      faults: platform.faults(),
      seconds: Math.round((performance.now() - begun) / 100) / 10,
    };
  } catch (error) {
    const last = stage.running()?.said().slice(-25).join("\n") ?? "";
    const what = error instanceof Error ? error.message : String(error);
    const where = `${place.engine}, CRASH_SEED=${seed}, ${JSON.stringify(figures.kills)}`;
    throw new Error(`${where}: ${what}\n${last}`, { cause: error });
  } finally {
    await stage.close();
  }
}

/** Lets Crier come to the moment at which it is to be killed. */
async function liveUntil(aim: Aim, stage: Stage, crier: Crier, place: Place): Promise<void> {
  const { chance } = stage;
  if (aim === "start") return void (await pause(chance.upTo(600)));
  if (aim === "migration") {
    let left = 1 + chance.upTo(6);
    crier.onLine((line) => {
      if (line.includes("brought up to date") && --left === 0) crier.child.kill("SIGKILL");
    });
    await Promise.race([crier.exited, crier.ready.catch(() => {})]);
    return;
  }
  await crier.ready;
  if (aim === "ready") return void (await pause(chance.upTo(40)));
  for (let left = 1 + chance.upTo(8); left > 0; left -= 1) {
    stage.act();
    await pause(chance.upTo(40));
  }
  if (aim === "work") {
    const { calls } = stage.platform;
    const last = calls() + chance.upTo(40);
    for (let left = longestWaitMs / 10; left > 0 && calls() < last; left -= 1) await pause(10);
    await pause(chance.upTo(100));
  } else if (aim === "backup") await killAtBackup(place, stage);
  else if (aim === "calls") await killAtCall(stage, crier, 1 + chance.upTo(30));
  else {
    const before = freeze(stage);
    if (before !== null) crier.child.send({ removeBefore: before });
    await Promise.race([crier.says("removed"), pause(chance.upTo(60))]);
  }
}

/** Kills at the very moment at which so many more calls have begun, or when no more come. */
async function killAtCall(stage: Stage, crier: Crier, count: number): Promise<void> {
  const last = stage.platform.calls() + count;
  stage.onCall(() => {
    if (stage.platform.calls() >= last) crier.child.kill("SIGKILL");
  });
  for (let left = 3; left > 0; left -= 1) stage.newsroom.publish("hook");
  await Promise.race([crier.exited, pause(longestWaitMs)]);
  stage.onCall(() => {});
}

/** Old stories that are as they should be everywhere are left alone from now on; answers before when they were published. */
function freeze(stage: Stage): number | null {
  const { newsroom } = stage;
  const old = newsroom.stories.slice(0, -12);
  const next = newsroom.stories[old.length];
  const { missing } = judge(stage);
  const isOpen = old.some(({ number }) => missing.some((fault) => fault.startsWith(`story ${number} `)));
  if (isOpen || !newsroom.isHeard() || !next || old.length === 0) return null;
  for (const story of old) story.isFrozen = true;
  return next.publishedMs;
}

/** Messages that are to be said, in a state: "chat key". */
async function deliveriesIn({ ledger }: Place, state: string): Promise<string[]> {
  const rows = await ledger
    .all<{ name: string }>(`
      select c.address || ' ' || m.key as name from deliveries d
        join messages m on m.id = d.message_id join chats c on c.id = d.chat_id
      where d.state = '${state}' and m.action = 'send'`)
    .catch((error: unknown) => {
      // It was killed before there was a table.
      if (/no such table|does not exist/.test(String(error))) return [];
      throw error;
    });
  return rows.map(({ name }) => name);
}

/** Where nothing can be proven, what nobody knows is what was under way when its answer was lost, and no more. */
function expectKnownUnknowns(stage: Stage, unknown: string[], underWay: Set<string>): void {
  const lost = new Set([...underWay, ...stage.platform.unheard]);
  const extra = unknown.filter((name) => !lost.has(name));
  const forgotten = [...lost].filter((name) => !unknown.includes(name));
  if (extra.length + forgotten.length > 0) {
    throw new Error(`unknown though it was not under way: ${extra}; under way but not unknown: ${forgotten}`);
  }
  const { missing } = judge(stage);
  for (const { chat } of stage.readers.all) {
    const absent = missing.filter((fault) => fault.includes(` in ${chat} `) && fault.endsWith("has not come"));
    const inDoubt = unknown.filter((name) => name.startsWith(`${chat} article:`));
    if (absent.length > inDoubt.length) throw new Error(`${absent.join("; ")}; in doubt is only: ${inDoubt}`);
  }
}
