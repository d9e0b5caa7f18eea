import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const root = path.resolve(import.meta.dirname, "../..");
const corpus = path.resolve(root, "../shared/corpus");
const own = path.join(root, "tests/fixtures");
/** The captured documents are others' and stand beside the project; without them its own are mutated. */
const folders = existsSync(corpus) ? [corpus, own] : [own];

/** 10,000 runs together. Pages cost most. */
const kinds = { feed: 7_500, sitemap: 1_000, page: 1_500 };
/** Of processor time, so that a busy machine fails nothing. */
const mostMs = 1_000;
const mostMb = 200;

interface Report {
  runs: number;
  documents: number;
  slowestMs: number;
  slowest: string;
  maxRssMb: number;
  broken: { file: string; run: number; problem: string }[];
}

for (const [kind, runs] of Object.entries(kinds)) {
  test(`${runs} mutated documents: a ${kind} is read or refused in words, quickly, in little memory`, async (context) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        // What may be kept until it is needed would be counted too.
        "--max-old-space-size=64",
        "--max-semi-space-size=2",
        path.join(import.meta.dirname, "fuzz-worker.ts"),
        kind,
        String(runs),
        "20260301",
        ...folders,
      ],
      // glibc keeps freed memory in an arena for each thread, which is not the parser's either.
      { cwd: root, timeout: 400_000, env: { ...process.env, MALLOC_ARENA_MAX: "1" } },
    );
    const report = JSON.parse(stdout) as Report;
    context.diagnostic(
      `${report.documents} documents; slowest ${Math.round(report.slowestMs)} ms (${report.slowest}); ${Math.round(report.maxRssMb)} MB`,
    );
    assert.deepEqual(report.broken, []);
    assert.equal(report.runs, runs);
    assert.ok(report.slowestMs <= mostMs, `${report.slowest} took ${report.slowestMs} ms`);
    assert.ok(report.maxRssMb <= mostMb, `${report.maxRssMb} MB`);
  });
}
