import assert from "node:assert/strict";

/** Metrics of one name, as a page holds them. */
export interface ParsedFamily {
  help: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/y;

/**
 * Reads Prometheus' text format as strictly as it is written down: each family once and whole, HELP and TYPE before
 * its samples, no series twice, histograms with all their parts. @throws AssertionError naming the line
 */
export function parseMetrics(text: string): Map<string, ParsedFamily> {
  assert.ok(text.endsWith("\n"), "the last line ends");
  const families = new Map<string, ParsedFamily>();
  const series = new Set<string>();
  let current = { name: "", family: { help: "", type: "none", samples: [] } as ParsedFamily };
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      assert.ok(!families.has(name), `a family comes once: ${line}`);
      assert.match(rest, /^(?:[^\\]|\\[\\n])*$/, line);
      current = { name, family: { help: rest, type: "", samples: [] } };
      families.set(name, current.family);
    } else if (keyword === "TYPE") {
      assert.equal(current.name, name, `TYPE follows HELP: ${line}`);
      assert.ok(current.family.type === "" && current.family.samples.length === 0, line);
      assert.match(rest, /^(counter|gauge|histogram|summary)$/, line);
      current.family.type = rest;
    } else {
      const sample = parseSample(line);
      assert.ok(current.family.type !== "", `a sample follows HELP and TYPE: ${line}`);
      assert.ok(belongs(sample.name, current.name, current.family.type), `${line} belongs to ${current.name}`);
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      assert.ok(!series.has(key), `a series comes once: ${line}`);
      series.add(key);
      current.family.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  return families;
}

function parseSample(line: string): ParsedFamily["samples"][number] {
  const [, name = "", , inner = "", number = ""] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)$/.exec(line) ?? assert.fail(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  for (let at = 0; at < inner.length; at = label.lastIndex + 1) {
    label.lastIndex = at;
    const [, key = "", text = ""] = label.exec(inner) ?? assert.fail(`no labels: ${line}`);
    assert.ok(!(key in labels), `a label comes once: ${line}`);
    labels[key] = text.replace(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
    assert.ok(label.lastIndex === inner.length || inner[label.lastIndex] === ",", `no labels: ${line}`);
  }
  assert.match(number, /^([+-]?\d+(\.\d+)?(e[+-]?\d+)?|[+-]Inf|NaN)$/i, line);
  return { name, labels, value: Number(number.replace("Inf", "Infinity")) };
}

const belongs = (sample: string, name: string, type: string): boolean =>
  type === "histogram"
    ? [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample)
    : type === "summary"
      ? [name, `${name}_sum`, `${name}_count`].includes(sample)
      : sample === name;

function checkHistogram(name: string, { samples }: ParsedFamily): void {
  const of = Map.groupBy(samples, ({ labels: { le: _, ...others } }) => JSON.stringify(Object.entries(others).sort()));
  for (const [key, parts] of of) {
    const buckets = parts.filter((part) => part.name === `${name}_bucket`);
    const ends = buckets.map(({ labels }) => Number(labels.le?.replace("Inf", "Infinity")));
    const counts = buckets.map(({ value }) => value);
    assert.deepEqual(
      ends,
      [...ends].sort((a, b) => a - b),
      `${name} ${key}: buckets grow`,
    );
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => a - b),
      `${name} ${key}: buckets hold those before them`,
    );
    assert.equal(ends.at(-1), Number.POSITIVE_INFINITY, `${name} ${key}: the last bucket holds all`);
    const count = parts.find((part) => part.name === `${name}_count`);
    assert.equal(count?.value, counts.at(-1), `${name} ${key}: all are counted`);
    assert.ok(
      parts.some((part) => part.name === `${name}_sum`),
      `${name} ${key}: there is a sum`,
    );
  }
}
