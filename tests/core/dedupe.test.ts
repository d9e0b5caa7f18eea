import assert from "node:assert/strict";
import { test } from "node:test";
import { batchLinks, judge, type Verdict } from "#core/dedupe";
import type { Article, StoredArticle } from "#core/model";
import { article as told } from "#tests/fakes/newsroom";

const title = "Ferry to Haifa runs again after storm";
const summary =
  "The ferry between Akko and Haifa runs again from Monday, the harbour master said, a week after a storm broke its pier.";

const article = (change: Partial<Article> = {}): Article =>
  told(title, { sourceId: "bell-1", url: "https://bell.example/ferry", summary, publishedAt: new Date(0), ...change });

let lastId = 0;
const stored = (feedId: number, change: Partial<Article> & { retractedAt?: Date } = {}): StoredArticle => {
  const { retractedAt = null, ...said } = change;
  const times = { seenAt: new Date(0), announcedAt: new Date(0), revisedAt: null, retractedAt };
  return { ...article(said), id: ++lastId, feedId, revision: 1, desk: null, byHand: null, ...times };
};

const nothing = { own: null, byLink: [], sharing: [] };
/** The verdict in a read of feed 1 that brings the article and `others`. */
const verdict = (given: Article, known: Partial<Parameters<typeof judge>[2]>, others: Article[] = []): Verdict =>
  judge(given, 1, { ...nothing, ...known }, batchLinks([given, ...others]));

test("an article that nothing known is like is new", () => {
  assert.deepEqual(verdict(article(), {}), { kind: "new" });
  assert.deepEqual(verdict(article({ url: null }), {}), { kind: "new" });
});

test("an article of the feed is known, or changed in what readers see, or in its body", () => {
  const own = stored(1, { text: "One." });
  assert.deepEqual(verdict(article(), { own }), { kind: "known", article: own });
  assert.deepEqual(verdict(article({ title: "Ferry sinks" }), { own }), {
    kind: "changed",
    article: own,
    change: "message",
  });
  assert.deepEqual(verdict(article({ text: "Two." }), { own }), { kind: "changed", article: own, change: "body" });
});

test("what another feed says of a story is no revision of it", () => {
  const own = stored(2, { sourceId: "post-9" });
  assert.deepEqual(verdict(article({ title: "Ferry is back" }), { own }), { kind: "known", article: own });
});

test("an article that was taken back and comes again is known", () => {
  const own = stored(1, { retractedAt: new Date(1) });
  assert.deepEqual(verdict(article({ title: "Ferry is back" }), { own }), { kind: "known", article: own });
});

test("another id under the same link and headline is the same article", () => {
  const before = stored(1, { sourceId: "old" });
  assert.deepEqual(verdict(article({ sourceId: "new" }), { byLink: [before] }), { kind: "twin", article: before });
  const dressed = article({ sourceId: "new", url: "http://m.bell.example/ferry/?utm_source=x", title: `${title}!` });
  assert.deepEqual(verdict(dressed, { byLink: [before] }), { kind: "twin", article: before });
});

test("after its id has changed, an article's changes are told under the new one", () => {
  const own = stored(1, { sourceId: "old" });
  const changed = article({ sourceId: "new", title: "Ferry sinks" });
  assert.equal(verdict(changed, { own }).kind, "changed");
  assert.equal(verdict(changed, { own }, [article({ sourceId: "old" })]).kind, "known", "the old id is there still");
});

test("another id and another headline under one link: told anew where the old one has gone and the words are near", () => {
  const before = stored(1, { sourceId: "old" });
  const anew = article({ sourceId: "new", title: "Ferry to Haifa runs again after the storm of March" });
  assert.deepEqual(verdict(anew, { byLink: [before] }), { kind: "changed", article: before, change: "message" });
  const sameWords = article({
    sourceId: "new",
    title: "Harbour: boats sail",
    summary: `${summary} Tickets cost as before.`,
  });
  assert.equal(verdict(sameWords, { byLink: [before] }).kind, "changed", "the standfirsts are near");
  assert.equal(
    verdict(anew, { byLink: [before] }, [article({ sourceId: "old" })]).kind,
    "new",
    "the old one is there still",
  );
  const next = article({ sourceId: "new", title: "Council votes on budget", summary: "The council meets at noon." });
  assert.equal(verdict(next, { byLink: [before] }).kind, "new", "the next story under a standing link");
});

test("a daily piece under one standing link is new each day", () => {
  const monday = stored(1, { sourceId: "mon", title: "Harbour news of Monday", summary: null });
  const tuesday = article({ sourceId: "tue", title: "Harbour news of Tuesday", summary: null });
  assert.equal(verdict(tuesday, { byLink: [monday] }).kind, "new");
  const weather = stored(1, { sourceId: "w1", title: "Weather: sun in the north", summary: null });
  assert.equal(
    verdict(article({ sourceId: "w2", title: "Weather: rain in the north", summary: null }), { byLink: [weather] })
      .kind,
    "new",
  );
});

test("a link that several articles of one read share says nothing", () => {
  const first = stored(1, { sourceId: "a", title: "Gate one opens", summary: "The first gate opened at six." });
  const second = article({ sourceId: "b", title: "Gate two opens", summary: "The second gate opened at seven." });
  const third = article({ sourceId: "c", title: "Gate three opens", summary: "The third gate opened at eight." });
  assert.equal(verdict(second, { byLink: [first] }, [third]).kind, "new");
  const elsewhere = stored(2, { sourceId: "x", title: "Gates open" });
  assert.equal(verdict(second, { byLink: [elsewhere] }, [third]).kind, "new", "neither in another feed");
});

test("a link under which the store has several headlines says nothing", () => {
  const known = [stored(2, { title: "Gate one opens" }), stored(2, { title: "Gate two opens" })];
  assert.equal(verdict(article({ title: "Gate three opens" }), { byLink: known }).kind, "new");
  assert.deepEqual(
    verdict(article({ title: "Gate two opens" }), { byLink: known }).kind,
    "twin",
    "but one of them is this one",
  );
});

test("a live blog's updates under one headline and link stay apart while the feed has both", () => {
  const first = stored(1, { sourceId: "a", title: "Live: the vote", summary: "The hall fills with members." });
  const second = article({
    sourceId: "b",
    title: "Live: the vote",
    summary: "The count begins, and the speaker asks for silence.",
  });
  assert.equal(verdict(second, { byLink: [first] }, [article({ ...first })]).kind, "new");
  assert.equal(
    verdict({ ...second, summary: first.summary }, { byLink: [first] }, [article({ ...first })]).kind,
    "twin",
  );
});

test("the same link in another feed is the same story, under whatever headline", () => {
  const other = stored(2, { sourceId: "post-9", title: "Boats sail once more" });
  assert.deepEqual(verdict(article(), { byLink: [other] }), { kind: "twin", article: other });
});

test("a front page as link makes no two articles one", () => {
  const front = "https://bell.example/";
  const other = stored(2, { url: front, title: "Gate one opens" });
  assert.equal(verdict(article({ url: front }), { byLink: [other] }).kind, "new");
});

test("a near-equal text in another feed is the same story", () => {
  const url = "https://post.example/77";
  const other = stored(2, { url, title: `BREAKING: ${title}`, source: "Valley Post" });
  assert.deepEqual(verdict(article(), { sharing: [other] }), { kind: "twin", article: other });
  assert.equal(verdict(article({ url: null }), { sharing: [other] }).kind, "twin");
  assert.equal(
    verdict(article(), { sharing: [{ ...other, feedId: 1 }] }).kind,
    "new",
    "one feed tells each story once",
  );
  const elsewhere = { title: title.replace("Haifa", "Jaffa"), summary: summary.replace("Haifa", "Jaffa") };
  assert.equal(verdict(article(elsewhere), { sharing: [other] }).kind, "new");
});

test("near-equal texts two days apart are two stories", () => {
  const other = (hours: number | null) =>
    stored(2, { url: null, publishedAt: hours === null ? null : new Date(hours * 3_600_000) });
  assert.equal(verdict(article(), { sharing: [other(47)] }).kind, "twin");
  assert.equal(verdict(article(), { sharing: [other(49)] }).kind, "new");
  assert.equal(verdict(article(), { sharing: [other(null)] }).kind, "twin");
});

test("two pages of one site are two stories, however alike they are worded", () => {
  const other = stored(2, { url: "https://www.bell.example/ferry-2" });
  assert.equal(verdict(article(), { sharing: [other] }).kind, "new");
});

test("what was taken back stays so in another feed of its page; told anew or by others it is no twin of it", () => {
  const retracted = { retractedAt: new Date(1) };
  assert.equal(verdict(article(), { byLink: [stored(2, retracted)] }).kind, "twin");
  const anew = article({ title: "Ferry to Haifa stays in port", summary: "The ferry stays in port." });
  assert.equal(verdict(anew, { byLink: [stored(2, retracted)] }).kind, "new");
  assert.equal(verdict(article(), { sharing: [stored(2, { ...retracted, url: null })] }).kind, "new");
});

test("links of a read are counted by their different headlines", () => {
  const batch = batchLinks([
    article(),
    article({ sourceId: "2", title: `${title}…` }),
    article({ sourceId: "3", url: "https://bell.example/gates", title: "Gate one" }),
    article({ sourceId: "4", url: "http://www.bell.example/gates/", title: "Gate two" }),
    article({ sourceId: "5", url: null }),
    article({ sourceId: "6", url: "https://bell.example/" }),
  ]);
  assert.equal(batch.headlines("bell.example/ferry"), 1);
  assert.equal(batch.headlines("bell.example/gates"), 2);
  assert.equal(batch.headlines("bell.example"), 0);
  assert.ok(batch.has("5"));
  assert.ok(!batch.has("7"));
});

test("a feed that makes up ids and links anew says the same thing where the words and the moment are the same", () => {
  const before = stored(1, { sourceId: "a", url: "https://bell.example/show?r=1" });
  const again = article({ sourceId: "b", url: "https://bell.example/show?r=2" });
  assert.deepEqual(verdict(again, { sharing: [before] }), { kind: "twin", article: before });
  const unlinked = stored(1, { sourceId: "c", url: null });
  assert.deepEqual(verdict(article({ sourceId: "d", url: null }), { sharing: [unlinked] }).kind, "twin");
  const bare = stored(1, { sourceId: "e", url: null, publishedAt: null });
  assert.deepEqual(
    verdict(article({ sourceId: "f", url: null, publishedAt: null }), { sharing: [bare] }).kind,
    "twin",
    "no link and no date tell them apart",
  );
});

test("the same words of another moment, in another link without a date or beside each other, are another story", () => {
  const before = stored(1, { sourceId: "a", url: "https://bell.example/alarm?id=1" });
  const next = { sourceId: "b", url: "https://bell.example/alarm?id=2" };
  assert.equal(verdict(article({ ...next, publishedAt: new Date(60_000) }), { sharing: [before] }).kind, "new");
  const undated = stored(1, { sourceId: "a", url: "https://bell.example/alarm?id=1", publishedAt: null });
  assert.equal(verdict(article({ ...next, publishedAt: null }), { sharing: [undated] }).kind, "new");
  const still = article({ sourceId: "a", url: "https://bell.example/alarm?id=1" });
  assert.equal(verdict(article(next), { sharing: [before] }, [still]).kind, "new");
});

test("what another feed brought and nobody was told is no reason to leave a story out; in its own feed it is the same", () => {
  const untold = { ...stored(2), announcedAt: null };
  assert.equal(verdict(article(), { byLink: [untold], sharing: [untold] }).kind, "new");
  const own = { ...stored(1, { sourceId: "former" }), announcedAt: null };
  assert.deepEqual(verdict(article(), { byLink: [own] }), { kind: "twin", article: own });
});
