/**
 * What is counted from the start of the process on, in Prometheus' terms: its name there, what it says, and by what it
 * is told apart. Labels take few values: no feed's address, no chat, no person.
 */
export const counters = {
  crier_deliveries_total: { help: "Deliveries that ended, by how.", labels: ["platform", "lane", "state"] },
  crier_delivery_retries_total: {
    help: "Deliveries put back after a try that sent nothing.",
    labels: ["platform", "lane"],
  },
  crier_deliveries_abandoned_total: {
    help: "Deliveries that were under way when they were lost sight of: their outcome is unknown.",
    labels: ["platform"],
  },
  crier_proofs_total: {
    help: "What became of deliveries whose answer was lost.",
    labels: ["platform", "proof"],
  },
  crier_bot_calls_total: {
    help: "Calls to a platform, by what it answered.",
    labels: ["platform", "call", "outcome"],
  },
  crier_rate_limited_total: { help: "Answers of a platform that asked for a pause.", labels: ["platform"] },
  crier_pause_seconds_total: { help: "Seconds of pause that a platform asked for.", labels: ["platform"] },
  crier_feed_reads_total: { help: "Reads of feeds, by their outcome.", labels: ["kind", "outcome"] },
  crier_feed_failures_total: { help: "Reads of feeds that failed, by the reason.", labels: ["reason"] },
  crier_articles_total: { help: "Articles taken in, by the verdict on them.", labels: ["verdict"] },
} as const satisfies Record<string, Definition>;

/** What is timed, in seconds. */
export const timers = {
  crier_delivery_delay_seconds: {
    help: "From an article's publication to its delivery, without articles found later than a day.",
    labels: ["platform", "lane"],
  },
  crier_queue_delay_seconds: {
    help: "From a delivery's place in the queue to its sending.",
    labels: ["platform", "lane"],
  },
  crier_bot_call_duration_seconds: { help: "How long a platform took to answer.", labels: ["platform"] },
  crier_feed_read_duration_seconds: { help: "How long a feed took to be fetched and parsed.", labels: ["kind"] },
} as const satisfies Record<string, Definition>;

/** Upper ends of the spans in which times are counted, in seconds: 50 ms to an hour. */
export const buckets: readonly number[] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600];

interface Definition {
  help: string;
  labels: readonly string[];
}

export type CounterName = keyof typeof counters;
export type TimerName = keyof typeof timers;
type Labels<Of extends Definition> = Readonly<Record<Of["labels"][number], string>>;

/** Where core tells what happens. Costs two look-ups in a map; who reads it is somebody else's business. */
export interface Meter {
  count<Name extends CounterName>(name: Name, labels: Labels<(typeof counters)[Name]>, by?: number): void;
  observe<Name extends TimerName>(name: Name, labels: Labels<(typeof timers)[Name]>, seconds: number): void;
}

/** One series of a timer: how many lasted no longer than each of `buckets`, all of them, and their sum. */
export interface Timing {
  labels: Readonly<Record<string, string>>;
  upTo: readonly number[];
  count: number;
  sum: number;
}

/** A meter that keeps what it is told. */
export interface Tally extends Meter {
  counted(name: CounterName): { labels: Readonly<Record<string, string>>; value: number }[];
  timed(name: TimerName): Timing[];
}

export function createTally(): Tally {
  const counts = new Map<CounterName, Map<string, { labels: Readonly<Record<string, string>>; value: number }>>();
  const times = new Map<TimerName, Map<string, Timing & { upTo: number[] }>>();
  return {
    count(name, labels, by = 1) {
      const series = seriesOf(counts, name);
      const key = keyOf(counters[name], labels);
      const known = series.get(key);
      if (known) known.value += by;
      else series.set(key, { labels, value: by });
    },

    observe(name, labels, seconds) {
      const series = seriesOf(times, name);
      const key = keyOf(timers[name], labels);
      const timing = series.get(key) ?? { labels, upTo: buckets.map(() => 0), count: 0, sum: 0 };
      series.set(key, timing);
      timing.count += 1;
      timing.sum += seconds;
      buckets.forEach((end, at) => {
        if (seconds <= end) timing.upTo[at] = (timing.upTo[at] ?? 0) + 1;
      });
    },

    counted: (name) => [...(counts.get(name)?.values() ?? [])],
    timed: (name) => [...(times.get(name)?.values() ?? [])],
  };
}

const keyOf = (of: Definition, labels: Readonly<Record<string, string>>): string =>
  of.labels.map((label) => labels[label]).join("\n");

function seriesOf<Name, Series>(all: Map<Name, Map<string, Series>>, name: Name): Map<string, Series> {
  const series = all.get(name) ?? new Map<string, Series>();
  all.set(name, series);
  return series;
}
