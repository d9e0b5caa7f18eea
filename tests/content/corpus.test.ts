import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { describeFeed, type FeedDescription } from "#content/feed/describe";
import { parseFeed } from "#content/feed/parse";
import { FeedError } from "#core/errors";
import { workedMs } from "#tests/fakes/cpu";

const corpus = process.env.CRIER_CORPUS ?? "../shared/corpus";
const manifest = join(corpus, "MANIFEST.json");
const skip = existsSync(manifest) ? false : `no captured feeds in ${corpus}; CRIER_CORPUS names another folder`;

/** Cases of other parsers' suites, all of whose expectations are met, in percent. */
const floor = 98;
/** For a feed of the size that Crier reads at all; the corpus also holds larger ones. */
const longestMs = 10_000;

interface Case {
  id: string;
  file: string;
  kind: string;
  suite: string;
  baseUrl?: string;
  contentType?: string;
  expect: { title?: string; items?: number; error?: boolean; first?: Record<string, string> };
}

const cases: Case[] = skip ? [] : JSON.parse(readFileSync(manifest, "utf8"));

function material({ file }: Case): Buffer {
  const packed = readFileSync(join(corpus, file));
  return file.endsWith(".gz") ? gunzipSync(packed) : packed;
}

const from = ({ baseUrl, contentType }: Case) => ({ url: baseUrl ?? "", contentType: contentType ?? null });

/** Letters and digits only: suites differ in how they write markup, entities and quotes. */
const bare = (text: unknown): string =>
  withoutTags(
    withoutTags(String(text ?? ""))
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">"),
  )
    .replace(/&(?:#x?[\da-f]+|\w+);/gi, "")
    .replace(/[^\p{L}\p{N}]+/gu, "");

const withoutTags = (text: string): string => text.replace(/<\/?[a-z!][^<>]*>/gi, "");

function isSameLink(expected: string, got: unknown): boolean {
  const plain = (link: string): string => {
    const text = link.trim().replaceAll("&amp;", "&");
    return (URL.parse(text)?.href ?? text).replace(/\/$/, "");
  };
  return plain(String(got ?? "")).endsWith(plain(expected));
}

/** Whether anything that is compared here is expected at all. */
const asserts = ({ title, items, error, first }: Case["expect"]): boolean =>
  [title, items || undefined, error, first?.title, first?.link, first?.id, first?.published].some(
    (part) => part !== undefined,
  );

/** The expectations that do not hold. */
function missed({ expect }: Case, feed: FeedDescription | null): string[] {
  if (expect.error) return feed && (feed.items.length > 0 || feed.title !== null) ? ["error"] : [];
  const { title, items, first = {} } = expect;
  const item = feed?.items[0];
  const holds: Record<string, boolean> = {
    title: title === undefined || bare(title) === bare(feed?.title),
    items: items === undefined || items === feed?.items.length,
    "first.title": first.title === undefined || bare(first.title) === bare(item?.title),
    "first.link": first.link === undefined || isSameLink(first.link, item?.link),
    "first.id": first.id === undefined || isSameLink(first.id, item?.id),
    "first.published":
      first.published === undefined || Math.abs(Date.parse(first.published) - Date.parse(item?.published ?? "")) < 1000,
  };
  return Object.keys(holds).filter((name) => !holds[name]);
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof FeedError) return null;
    throw error;
  }
}

describe("captured feeds", { skip, timeout: 120_000 }, () => {
  it("say what the suites that they come from expect of them", (t) => {
    const asserted = cases.filter(({ kind, expect }) => kind === "feed" && asserts(expect));
    const failures = asserted.flatMap((one) => {
      const names = missed(
        one,
        attempt(() => describeFeed(material(one), from(one))),
      );
      return names.length > 0 ? [`${one.id}: ${names.join(", ")}`] : [];
    });
    const percent = (100 * (asserted.length - failures.length)) / asserted.length;
    t.diagnostic(`${percent.toFixed(1)} % of ${asserted.length} cases`);
    assert(percent >= floor, failures.join("\n"));
  });

  it("become articles of clean text and whole links", () => {
    for (const one of cases.filter(({ kind }) => kind === "feed")) {
      const feed = attempt(() =>
        parseFeed(material(one), { url: "https://captured.example/feed", contentType: one.contentType ?? null }),
      );
      if (one.suite === "real-smallweb" || one.suite === "publisher") assert(feed && feed.articles.length > 0, one.id);
      const ids = new Set<string>();
      for (const article of feed?.articles ?? []) {
        const { title, summary, text, url, image, sourceId } = article;
        assert.notEqual(title, "", one.id);
        assert(!ids.has(sourceId), `${one.id}: ${sourceId} twice`);
        ids.add(sourceId);
        assert.doesNotMatch(`${title} ${summary} ${text}`, /[\0-\x08\x0b\x0c\x0e-\x1f\ufeff]/, one.id);
        if (one.suite === "real-smallweb") {
          assert.doesNotMatch(`${title} ${summary}`, /<\/?(?:p|div|br|img|span)\b|&(?:amp|nbsp|#\d+);/, one.id);
        }
        for (const address of [url, image]) if (address !== null) assert.match(address, /^https?:\/\//);
      }
    }
  });

  for (const one of cases.filter(({ kind }) => kind === "hostile")) {
    it(`that are hostile are done with in time: ${one.id}`, () => {
      const bytes = material(one);
      const started = workedMs();
      const feed = attempt(() => parseFeed(bytes, { url: "https://captured.example/feed", contentType: null }));
      assert(workedMs() - started < longestMs);
      const said = JSON.stringify(feed?.articles.slice(0, 100) ?? []);
      assert.doesNotMatch(said, /root:|(?:lol){10}/);
    });
  }
});
