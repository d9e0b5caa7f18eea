import { buckets, type Timing } from "#core/meter";

/** Metrics of one name, in the terms of https://prometheus.io/docs/instrumenting/exposition_formats/ */
export type Family = { name: string; help: string } & (
  | { type: "counter" | "gauge"; samples: readonly Sample[] }
  | { type: "histogram"; timings: readonly Timing[] }
);

export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** Families in Prometheus' text format; one without samples is left out. */
export const writeFamilies = (families: readonly Family[]): string =>
  families
    .map((family) => ({ family, lines: linesOf(family) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ family: { name, help, type }, lines }) =>
      [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n"),
    )
    .join("\n");

const linesOf = (family: Family): string[] =>
  family.type === "histogram"
    ? family.timings.flatMap((timing) => linesOfTiming(family.name, timing))
    : family.samples.map(({ labels = {}, value }) => line(family.name, labels, value));

const linesOfTiming = (name: string, { labels, upTo, count, sum }: Timing): string[] => [
  ...buckets.map((end, at) => line(`${name}_bucket`, { ...labels, le: String(end) }, upTo[at] ?? 0)),
  line(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
  line(`${name}_sum`, labels, sum),
  line(`${name}_count`, labels, count),
];

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

const escapeHelp = (text: string): string => text.replace(/[\\\n]/g, (sign) => (sign === "\n" ? "\\n" : "\\\\"));
const escapeLabel = (text: string): string => text.replace(/[\\\n"]/g, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`));
