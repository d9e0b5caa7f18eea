import { FeedError } from "#core/errors";

/** Connections that one host is given at once, as the politest of readers do. */
const mostPerHost = 2;

export interface Turns {
  /**
   * Waits until a host may be asked, in the order of arrival; resolves with what ends the turn. Hosts are served in
   * rotation, so that many feeds of one host hold nobody up. `urgent` asks wait for a connection, but for no pause.
   *
   * @throws the signal's reason when it is aborted; FeedError "http-status" while the host rests
   */
  take(host: string, how: { signal: AbortSignal; urgent?: boolean }): Promise<() => void>;
  /** Leaves a host alone for so long: who waits for it and who comes is turned away at once. */
  rest(host: string, ms: number): void;
  /** Hosts that are kept in mind at this moment. */
  readonly size: number;
}

interface Waiter {
  begin(): void;
  refuse(error: FeedError): void;
}

interface Host {
  name: string;
  urgent: Waiter[];
  waiting: Waiter[];
  running: number;
  /** By the clock of `performance`. */
  pausedUntil: number;
  timer?: NodeJS.Timeout | undefined;
}

/** Who may ask which host when. `now` is in ms since 1970. */
export function createTurns(options: { pauseMs: number; mostAtOnce: number; now: () => number }): Turns {
  const { pauseMs, mostAtOnce, now } = options;
  const hosts = new Map<string, Host>();
  /** Until when, by `now`. */
  const resting = new Map<string, number>();
  /** Hosts of which somebody may go, in the order in which they are served. */
  const ready = new Set<Host>();
  let running = 0;

  const hostOf = (name: string): Host => {
    const known = hosts.get(name);
    if (known) return known;
    const host: Host = { name, urgent: [], waiting: [], running: 0, pausedUntil: 0 };
    hosts.set(name, host);
    return host;
  };

  /** Puts a host where it belongs after anything about it has changed. */
  const settle = (host: Host): void => {
    clearTimeout(host.timer);
    ready.delete(host);
    const pause = host.pausedUntil - performance.now();
    if (host.urgent.length === 0 && pause > 0) {
      // Nobody is kept alive by a pause that nobody waits for.
      host.timer = setTimeout(settleAndServe, pause, host);
      if (host.waiting.length === 0) host.timer.unref();
    } else if (host.urgent.length + host.waiting.length > 0) {
      if (host.running < mostPerHost) ready.add(host);
    } else if (host.running === 0) {
      hosts.delete(host.name);
    }
  };

  const serve = (): void => {
    // A host of which one more may go is added again at the end of the line, and met once more.
    for (const host of ready) {
      if (running >= mostAtOnce) return;
      const waiter = host.urgent.shift() ?? host.waiting.shift();
      host.running += 1;
      running += 1;
      settle(host);
      waiter?.begin();
    }
  };

  const settleAndServe = (host: Host): void => {
    settle(host);
    serve();
  };

  const end = (host: Host): void => {
    host.running -= 1;
    running -= 1;
    host.pausedUntil = performance.now() + pauseMs;
    settleAndServe(host);
  };

  const refusal = (name: string): FeedError | null => {
    const leftMs = (resting.get(name) ?? 0) - now();
    return leftMs > 0
      ? new FeedError("http-status", `${name} asked to be left alone: Crier comes again in ${inWords(leftMs)}.`, {
          retryAfterMs: leftMs,
        })
      : null;
  };

  return {
    take(name, { signal, urgent }) {
      return new Promise((resolve, reject) => {
        const refused = refusal(name);
        if (signal.aborted || refused) return reject(signal.aborted ? signal.reason : refused);
        const host = hostOf(name);
        const line = urgent ? host.urgent : host.waiting;
        const leave = (): void => {
          line.splice(line.indexOf(waiter), 1);
          settle(host);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          begin() {
            signal.removeEventListener("abort", leave);
            let ended = false;
            resolve(() => {
              if (!ended) end(host);
              ended = true;
            });
          },
          refuse(error) {
            signal.removeEventListener("abort", leave);
            reject(error);
          },
        };
        signal.addEventListener("abort", leave, { once: true });
        line.push(waiter);
        settleAndServe(host);
      });
    },

    rest(name, ms) {
      const at = now();
      for (const [other, until] of resting) if (until <= at) resting.delete(other);
      resting.set(name, Math.max(at + ms, resting.get(name) ?? 0));
      const host = hosts.get(name);
      const error = refusal(name);
      if (!host || !error) return;
      for (const waiter of [...host.urgent.splice(0), ...host.waiting.splice(0)]) waiter.refuse(error);
      settle(host);
    },

    get size() {
      return hosts.size;
    },
  };
}

/** "40 seconds", "12 minutes", "3 hours": rounded up. */
function inWords(ms: number): string {
  const [amount, unit] =
    ms < 90_000 ? [ms / 1000, "second"] : ms < 5_400_000 ? [ms / 60_000, "minute"] : [ms / 3_600_000, "hour"];
  const whole = Math.ceil(amount);
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
}
