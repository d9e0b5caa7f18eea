import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { FeedError, type FeedReason } from "#core/errors";
import type { ContentAdapter } from "#core/ports";

/** What the source under an adapter does next. */
export type Scene =
  | { kind: "articles"; titles: string[] }
  /** The same as before, for who shows the validators of it. */
  | { kind: "unchanged" }
  | { kind: "gone" }
  | { kind: "status"; status: number; retryAfterSeconds?: number }
  /** Lives under another address for good, and is good there. */
  | { kind: "moved"; titles: string[] }
  | { kind: "nonsense" }
  | { kind: "silent" };

export interface ContentStage {
  adapter: ContentAdapter;
  /** The address that is read. */
  url: string;
  play(scene: Scene): void;
  /** The scenes that its kind of source can come to; all of them unless given. The others are skipped, and say so. */
  can?: readonly Scene["kind"][];
  close(): Promise<void>;
}

/** What every content adapter must do, whatever it reads. */
export function describeContentAdapter(name: string, open: () => Promise<ContentStage>): void {
  /** A test in which these scenes are played. */
  const withStage =
    (scenes: readonly Scene["kind"][], work: (stage: ContentStage) => Promise<void>) =>
    async (t: TestContext): Promise<void> => {
      const stage = await open();
      try {
        const foreign = scenes.find((scene) => stage.can?.includes(scene) === false);
        if (foreign) t.skip(`there is no "${foreign}" in what "${name}" reads`);
        else await work(stage);
      } finally {
        await stage.close();
      }
    };
  const read = ({ adapter, url }: ContentStage, validators = {}, signal = new AbortController().signal) =>
    adapter.fetch({ url, validators }, signal);
  const failsWith = (reason: FeedReason) => (error: unknown) => {
    assert(error instanceof FeedError, `threw ${String(error)}`);
    assert.equal(error.reason, reason);
    assert.match(error.message, /\w+ \w+ \w+/);
    return true;
  };

  describe(`content adapter: ${name}`, { timeout: 20_000 }, () => {
    it(
      "gives articles in plain text, with absolute links and ids of their own",
      withStage(["articles"], async (stage) => {
        stage.play({ kind: "articles", titles: ["Ferry runs again", "Rain & wind <today>", "שלום 🕊️ עולם"] });
        const result = await read(stage);
        assert(result.kind === "fetched");
        assert.deepEqual(
          result.articles.map((article) => article.title),
          ["Ferry runs again", "Rain & wind <today>", "שלום 🕊️ עולם"],
        );
        assert.equal(new Set(result.articles.map((article) => article.sourceId)).size, 3);
        for (const article of result.articles) {
          assert.match(article.url ?? "", /^https?:\/\//);
          assert.notEqual(article.source, "");
        }
      }),
    );

    it(
      "gives the same ids at the next reading",
      withStage(["articles"], async (stage) => {
        stage.play({ kind: "articles", titles: ["One", "Two"] });
        const [first, second] = [await read(stage), await read(stage)];
        assert(first.kind === "fetched" && second.kind === "fetched");
        assert.deepEqual(
          first.articles.map((article) => article.sourceId),
          second.articles.map((article) => article.sourceId),
        );
      }),
    );

    it(
      "says that nothing changed when its own validators still hold",
      withStage(["articles", "unchanged"], async (stage) => {
        stage.play({ kind: "articles", titles: ["One"] });
        const first = await read(stage);
        assert(first.kind === "fetched");
        stage.play({ kind: "unchanged" });
        assert.equal((await read(stage, first.validators)).kind, "unchanged");
      }),
    );

    it(
      "tells that the source has ended",
      withStage(["gone"], async (stage) => {
        stage.play({ kind: "gone" });
        assert.deepEqual(await read(stage), { kind: "gone" });
      }),
    );

    it(
      "tells where the source has moved for good",
      withStage(["moved"], async (stage) => {
        stage.play({ kind: "moved", titles: ["One"] });
        const result = await read(stage);
        assert(result.kind === "fetched");
        assert(result.movedTo && result.movedTo !== stage.url);
        assert.equal(
          (await stage.adapter.fetch({ url: result.movedTo, validators: {} }, new AbortController().signal)).kind,
          "fetched",
        );
      }),
    );

    it(
      "says in words what a refused read was refused for, and how long to wait",
      withStage(["status"], async (stage) => {
        stage.play({ kind: "status", status: 500 });
        await assert.rejects(read(stage), failsWith("http-status"));
        stage.play({ kind: "status", status: 503, retryAfterSeconds: 120 });
        await assert.rejects(
          read(stage),
          (error) => failsWith("http-status")(error) && (error as FeedError).retryAfterMs === 120_000,
        );
      }),
    );

    it(
      "says in words that a source is not one",
      withStage(["nonsense"], async (stage) => {
        stage.play({ kind: "nonsense" });
        await assert.rejects(read(stage), failsWith("not-a-feed"));
      }),
    );

    it(
      "stops at once when it is told to",
      withStage(["silent"], async (stage) => {
        stage.play({ kind: "silent" });
        const stop = new AbortController();
        const reading = read(stage, {}, stop.signal);
        setImmediate(() => stop.abort());
        await assert.rejects(reading, FeedError);
      }),
    );
  });
}
