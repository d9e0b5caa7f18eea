import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { parseFeed } from "#content/feed/parse";
import { FeedError } from "#core/errors";

const corpus = process.env.CRIER_CORPUS ?? "../shared/corpus";
/** For a feed of the size that Crier reads at all; the corpus also holds larger ones. */
const longestMs = 3000;

const skip = existsSync(corpus) ? false : `no captured feeds in ${corpus}; CRIER_CORPUS names another folder`;

describe("captured feeds", { skip, timeout: 120_000 }, () => {
  for (const file of skip ? [] : globSync(join(corpus, "{real-smallweb,publisher,hostile,hostile-derived}/*"))) {
    const packed = readFileSync(file);
    const bytes = file.endsWith(".gz") ? gunzipSync(packed) : packed;
    if (bytes.length > 10 * 1024 * 1024) continue;
    it(`${basename(file)} is read, or refused in words`, () => {
      const started = performance.now();
      try {
        const feed = parseFeed(bytes, { url: "https://captured.example/feed", contentType: null });
        for (const article of feed.articles) {
          assert.notEqual(article.title, "");
          assert.doesNotMatch(`${article.title} ${article.summary}`, /<\/?(?:p|div|br|img|span)\b|&(?:amp|nbsp|#\d+);/);
          if (article.url !== null) assert.match(article.url, /^https?:\/\//);
          if (article.image !== null) assert.match(article.image, /^https?:\/\//);
        }
        if (file.includes("real-smallweb") || file.includes("publisher")) assert.notEqual(feed.articles.length, 0);
      } catch (error) {
        if (!(error instanceof FeedError)) throw error;
        assert.match(file, /hostile/, error.message);
      }
      assert(performance.now() - started < longestMs);
    });
  }
});
