import { type Finding, findBlocked, findFullDisk, findLate, findStalled, type Look } from "#core/findings";
import type { ChatRef } from "#core/model";
import type { Bot, Clock, Log, Store } from "#core/ports";
import { createRound } from "#core/round";
import { createSilenceWatch } from "#core/silence";
import { tellAdmins } from "#core/tell";
import type { Vitals } from "#core/vitals";

interface AlarmDeps {
  store: Store;
  vitals: Vitals;
  bots: readonly Pick<Bot, "platform" | "health">[];
  /** Private chats of the admins. */
  admins: readonly ChatRef[];
  clock: Clock;
  log: Log;
  timeZone: string;
  /** Bytes on the disk that holds DATA_DIR; null where nobody can tell. */
  disk(): Promise<{ free: number; total: number } | null>;
  /** This machine's name, where Criers on others may share the database; null where none does. */
  machine: string | null;
  /** Called after something was queued. */
  onQueued(): void;
}

export interface Alarms {
  /** Looks once at all that can be amiss; to be called each minute. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
}

/**
 * Tells the admins of what is amiss: once when it begins, once when it is over, also over a restart and by whichever of
 * several processes sees it first.
 */
export function createAlarms(deps: AlarmDeps): Alarms {
  const { store, vitals, bots, admins, clock, log, timeZone } = deps;
  const upSince = clock.now();
  const blockedSince = new Map<string, Date>();
  const findSilent = createSilenceWatch({ store, clock });
  let isRefused = false;

  const findAll = async (look: Look): Promise<Finding[]> => {
    const readings = await vitals.read();
    const findings = [findFullDisk(await deps.disk(), deps.machine, look)];
    for (const bot of bots) {
      findings.push(findBlocked(bot, blockedSince, look));
      findings.push(await findStalled(bot, store, readings, { upSince, look }));
      findings.push(await findLate(bot.platform, store, look));
    }
    return [...findings, ...(await findSilent(look))];
  };

  /** The alarm and the word of it become durable together. */
  const tell = async (finding: Finding, { standing, now }: Look): Promise<void> => {
    const { key, state } = finding;
    if (state === "void") await store.alarms.settle(key);
    if (state === "void" || state === "unclear" || (state === "amiss") === standing.has(key)) return;
    const isTold = await store.transaction(async (tx) => {
      const isFirst = state === "amiss" ? await tx.alarms.raise(key, finding.since) : await tx.alarms.settle(key);
      if (isFirst) await tellAdmins({ store: tx, clock, admins }, `${state}:${key}:${now.getTime()}`, finding.text);
      return isFirst;
    });
    if (!isTold) return;
    if (state === "amiss") log.warn({ alarm: key }, "an alarm is raised");
    else log.info({ alarm: key }, "an alarm is over");
    deps.onQueued();
  };

  const lookOnce = async (signal: AbortSignal): Promise<void> => {
    await vitals.pulse();
    const wasRefused = isRefused;
    isRefused = vitals.refusesSince() !== null;
    // Nobody can be told in a chat: the word would have to be written down first.
    if (isRefused && !wasRefused) log.error({}, "the store refuses to be written to: nothing can be sent");
    if (isRefused) return;
    const standing = new Map((await store.alarms.standing()).map(({ key, since }) => [key, since]));
    const look: Look = { now: clock.now(), timeZone, standing, signal };
    const findings = await findAll(look);
    if (signal.aborted) return;
    for (const finding of findings) await tell(finding, look);
  };

  return { look: createRound(log, "nobody could see whether all is well", lookOnce) };
}
