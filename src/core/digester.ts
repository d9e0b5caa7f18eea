import { breath } from "#core/breath";
import { type Composed, createCompose, occasionOf } from "#core/compose-digest";
import { type BlindHours, type PlanDeps, planHours } from "#core/plan-hours";
import type { Clock, DigestAside, DigestGroup, DigestPart, Log, NewDigest, Store } from "#core/ports";
import { createRound } from "#core/round";
import { instant } from "#core/why-words";

export interface DigesterDeps extends Pick<PlanDeps, "zone" | "sabbaths"> {
  store: Store;
  clock: Clock;
  log: Log;
  /** Called after something was queued, held or let go. */
  onQueued(): void;
  /** Word to the admins; a key that was used before says nothing again. */
  tellAdmins(key: string, text: string): Promise<void>;
}

/** Makes plans of hours, puts aside what waits when it becomes quiet, and puts digests together. */
export interface Digester {
  /** Does all that is due: to be rung each second. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Deliveries put aside in one transaction: SQLite stalls the process for some 20 ms meanwhile. */
const holdChunk = 2_000;

export function createDigester(deps: DigesterDeps): Digester {
  const { store, clock, log, zone, sabbaths } = deps;
  const memory = createMemory();

  const work = async (signal: AbortSignal): Promise<void> => {
    const now = clock.now();
    for (const blind of await planHours({ store, now, zone, sabbaths })) await tellBlind(deps, blind, now);
    while (!signal.aborted && !(await store.hours.hold(holdChunk, clock.now()))) await breath();
    let parts = 0;
    while (!signal.aborted && (await writePart(deps, memory))) {
      // Couriers begin while the rest is being put together.
      deps.onQueued();
      parts += 1;
      await breath();
    }
    if (parts > 0) log.debug({ parts }, "digests were put together");
  };

  return { run: createRound(log, "digests could not be put together", work) };
}

/** Said once a day for the same place: it is tried again each hour. */
async function tellBlind({ log, tellAdmins }: DigesterDeps, { profile, place, problem }: BlindHours, now: Date) {
  log.warn({ hours: profile }, `Sabbath and holidays cannot be calculated: ${problem}`);
  await tellAdmins(
    `hours:${place}:${now.toISOString().slice(0, 10)}`,
    `Sabbath and holidays at “${place}” cannot be calculated: ${problem} Nothing goes out to the chats that keep them until they can; it is tried each hour.`,
  );
}

/** Puts the next few chats' digests together in one transaction; false where none is left. */
const writePart = ({ store, clock, zone }: DigesterDeps, memory: Memory): Promise<boolean> =>
  store.transaction(async (tx) => {
    const now = clock.now();
    const part = await tx.hours.nextPart(now);
    if (!part) return false;
    const asides: DigestAside[] = [];
    const digests: NewDigest[] = [];
    for (const group of part.groups) {
      const composed = await memory.compose(part, group);
      if (!composed) continue;
      const { sections, more, twins, left } = composed;
      const itsZone = group.hours.zone ?? zone;
      const body = { occasion: occasionOf(part.occasion), at: part.at, zone: itsZone, sections, more };
      digests.push({ group, body });
      const { chats } = group;
      if (twins.length > 0) asides.push({ chats, articles: twins, reason: twinWhy });
      if (left.length > 0) asides.push({ chats, articles: left, reason: leftWhy });
    }
    await tx.hours.deliver(part, digests, now);
    await tx.hours.endPart(part, { reason: reasonOf(part, zone), asides }, now);
    return true;
  });

/** Digests that were put together at a moment: its other parts want the same. */
interface Memory {
  compose(part: DigestPart, group: DigestGroup): Promise<Composed | null>;
}

/** Digests that are remembered: some megabytes. */
const mostMade = 5_000;

function createMemory(): Memory {
  const compose = createCompose(breath);
  const made = new Map<string, Composed | null>();
  let moment = "";
  return {
    async compose(part, { key, wants, articles }) {
      if (part.moment !== moment) made.clear();
      moment = part.moment;
      const known = made.get(key);
      if (known !== undefined) return known;
      const composed = await compose(
        wants,
        articles.flatMap((id) => part.articles.get(id) ?? []),
      );
      if (made.size >= mostMade) made.clear();
      made.set(key, composed);
      await breath();
      return composed;
    },
  };
}

const twinWhy = "The digest tells this story by another article.";
const leftWhy = "The digest had no room for it, and says how many it left out.";

function reasonOf({ occasion, at, groups }: DigestPart, zone: string): string {
  if (occasion === "change") return "It came in a digest, since the chat changed its hours.";
  return `It came in the digest of ${instant(at, groups[0]?.hours.zone ?? zone)}.`;
}
