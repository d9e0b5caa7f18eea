import { endsWithin } from "#core/ends-within";
import type { Clock, LeaseClaim, Log, Store } from "#core/ports";

/** The right to do something alone, which processes that share a database have one at a time. */
export interface Lease {
  /** Names this process's present term; null while another one may do it. */
  term(): number | null;
  /** Runs `work` while nobody else can take the lease; null, and nothing is done, where it is ours no more. */
  within<T>(work: (store: Store) => Promise<T>): Promise<T | null>;
  /**
   * Waits for the next term, which is prolonged until it is ended; null when the signal is aborted before. `standBy` is
   * called where it has to wait.
   */
  next(signal: AbortSignal, standBy?: () => void): Promise<Term | null>;
  /** With what another one does it that has it now: null where that is what we would do it with, or nobody does. */
  stranger(): string | null;
}

export interface Term {
  /** Aborted when the lease may be another one's. */
  readonly lost: AbortSignal;
  /** Leaves it to the others at once. */
  end(): Promise<void>;
}

/** From its owner's death to the moment at which another one may take over. */
const termMs = 10_000;
const renewMs = 3_000;
/** How often those who stand by look whether it is free. */
const lookMs = 1_000;
/** A database that has not answered by then is asked anew. */
const patienceMs = 3_000;
/** A call that begins has so long to be on its way before anybody else could begin one. */
const marginMs = 1_000;
/** Time for one that has to start again to be there before who would need a person's help. */
const hesitationMs = 60_000;

export interface LeaseDeps {
  store: Store;
  claim: LeaseClaim;
  clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  ticks(): number;
  log: Log;
  /** Resolves when another process has left a lease; where nothing tells of it they are looked at all the same. */
  left?(signal: AbortSignal): Promise<void>;
  /** Others come first: it is taken only where it has been free for a minute. */
  hesitates?(): boolean;
  /** This process has left it. */
  onLeft?(): void;
}

/**
 * A lease in the database. Our term is over by our own clocks before it is so by the database's: it is counted from before
 * we asked, and both a clock that nobody sets and the machine's own must agree. The first stands still while a machine
 * sleeps, the second may be set back.
 */
export function createLease({ store, claim, clock, ticks, log, left, hesitates, onLeft }: LeaseDeps): Lease {
  const about = { lease: claim.name };
  let terms = 0;
  let isOn = false;
  let from = { ticks: 0, at: 0 };
  let stranger: string | null = null;

  const leftMs = (): number => {
    const passed = Math.max(ticks() - from.ticks, clock.now().getTime() - from.at);
    return isOn ? termMs - marginMs - passed : 0;
  };

  /** Null where nobody knows: the database does not answer. */
  const ask = async (): Promise<boolean | null> => {
    const asked = { ticks: ticks(), at: clock.now().getTime() };
    const answer = store.leases.take(claim, termMs, !isOn && hesitates?.() ? hesitationMs : 0).then(
      (taken) => ({ ...taken, isLate: false }),
      (err: unknown) => {
        log.warn({ ...about, err }, "a lease could not be asked for");
        return null;
      },
    );
    const taken = await endsWithin(clock, patienceMs, answer, () => null);
    if (!taken) return null;
    stranger = taken.about === claim.about ? null : taken.about;
    if (taken.isOurs) from = asked;
    return taken.isOurs;
  };

  /** Prolongs the term until it ends; resolves when it has. */
  const keep = async (lost: AbortController, ending: AbortSignal): Promise<void> => {
    for (let pauseMs = renewMs; !ending.aborted; ) {
      await clock.sleep(Math.min(pauseMs, Math.max(0, leftMs())), ending);
      if (ending.aborted) return;
      const isOurs = leftMs() > 0 && (await ask());
      if (isOurs === false || leftMs() <= 0) break;
      pauseMs = isOurs ? renewMs : lookMs;
    }
    isOn = false;
    log.warn(about, "a lease is lost: another process may go on with it");
    lost.abort();
  };

  const begin = (): Term => {
    terms += 1;
    isOn = true;
    log.info(about, "a lease is taken");
    const lost = new AbortController();
    const ending = new AbortController();
    const keeping = keep(lost, ending.signal);
    return {
      lost: lost.signal,
      async end() {
        ending.abort();
        await keeping;
        isOn = false;
        await store.leases
          .release(claim)
          .then(onLeft)
          .catch((err: unknown) => log.info({ ...about, err }, "a lease could not be left: it runs out"));
      },
    };
  };

  return {
    term: () => (leftMs() > 0 ? terms : null),
    within: (work) => store.transaction(async (tx) => ((await tx.leases.holds(claim)) ? work(tx) : null)),
    stranger: () => (isOn ? null : stranger),
    async next(signal, standBy) {
      while (!signal.aborted) {
        if (await ask()) return begin();
        standBy?.();
        const timer = new AbortController();
        const woken = AbortSignal.any([signal, timer.signal]);
        await Promise.race([clock.sleep(lookMs, woken), ...(left ? [left(woken)] : [])]);
        timer.abort();
      }
      return null;
    },
  };
}

/** Where one process has the store for itself, all is its own from the start to the end. */
export const createSoleLease = (store: Store): Lease => ({
  term: () => 1,
  within: (work) => work(store),
  stranger: () => null,
  next: async (signal) => (signal.aborted ? null : { lost: new AbortController().signal, end: async () => {} }),
});
