import { counted, totalOf } from "#core/broadcast/audience";
import { begin } from "#core/broadcast/life";
import { titleOf } from "#core/broadcast/say";
import { momentWords, nowWords } from "#core/broadcast/when";
import type { Broadcast, Clock, Log, Store } from "#core/ports";
import { createRound } from "#core/round";

export interface BroadcasterDeps {
  store: Store;
  clock: Clock;
  log: Log;
  /** The newsroom's, in which times are told. */
  timeZone: string;
  /** Called after something was queued, held or released. */
  onQueued(): void;
  /** Word to the admins; a key that was used before says nothing again. */
  tellAdmins(key: string, text: string): Promise<void>;
}

/** Lets broadcasts begin at their time, and notes when they are done. */
export interface Broadcaster {
  /** One look at all of them: to be rung each second. Never rejects. */
  runDue(signal: AbortSignal): Promise<void>;
}

/** A broadcast that is late by more than this is news of yesterday: an editor decides. */
const latestMs = 60 * 60_000;

export function createBroadcaster(deps: BroadcasterDeps): Broadcaster {
  const { store, clock, log, timeZone } = deps;

  const beginDue = async (broadcast: Broadcast, dueAt: Date): Promise<void> => {
    const now = clock.now();
    const { id } = broadcast;
    const key = `${id}:${dueAt.getTime()}`;
    if (now.getTime() - dueAt.getTime() > latestMs) {
      // Told first: a word that was told is not told again, a step that was taken is not looked at again.
      await deps.tellAdmins(`broadcast:${key}:missed`, missedWords(broadcast, dueAt, now, timeZone));
      const missed = { step: "missed", from: ["scheduled"], to: "draft", by: null, dueAt: null, dueBy: now } as const;
      await store.broadcasts.change(id, { ...missed, key: `missed:${key}` }, now);
      return;
    }
    const chats = await begin(
      store,
      broadcast,
      { key: `due:${key}`, by: null, now },
      { from: "scheduled", dueBy: now },
    );
    if (!chats) return;
    log.info({ broadcast: id, chats: totalOf(chats) }, `a broadcast begins to ${counted(totalOf(chats), "chat")}`);
    deps.onQueued();
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    for (const broadcast of await store.broadcasts.due(clock.now())) {
      if (signal.aborted) return;
      if (broadcast.dueAt) await beginDue(broadcast, broadcast.dueAt);
    }
    // What another process has steered: its rows are brought to their course here, and the couriers are woken.
    if (await store.broadcasts.isTurning()) deps.onQueued();
    for (const { id } of await store.broadcasts.running()) {
      if (signal.aborted) return;
      if (!(await store.broadcasts.isOver(id))) continue;
      const now = clock.now();
      const done = { step: "done", from: ["running"], to: "done", by: null, key: `done:${id}` } as const;
      if (await store.broadcasts.change(id, done, now)) log.info({ broadcast: id }, "a broadcast is done");
    }
  };

  return { runDue: createRound(log, "broadcasts could not be looked after", look) };
}

const missedWords = (broadcast: Broadcast, dueAt: Date, now: Date, timeZone: string): string =>
  [
    `Broadcast ${broadcast.id} was to go out ${momentWords(dueAt, now, timeZone)}, but Crier was not running then, and it is ${nowWords(now, timeZone)} now: ${titleOf(broadcast)}`,
    `It is kept as a draft. “broadcast send ${broadcast.id}” sends it now, “broadcast send ${broadcast.id} at 18:30” at a time of your choice, “broadcast cancel ${broadcast.id}” drops it.`,
  ].join("\n");
