import assert from "node:assert/strict";
import { test } from "node:test";
import type { Article } from "#core/model";
import { changeOf, revised } from "#core/revise";
import { workedMs } from "#tests/fakes/cpu";
import { article } from "#tests/fakes/newsroom";

const before = article("Ferry to Haifa runs again", {
  url: "https://bell.example/ferry",
  kicker: "Harbour",
  summary: "The ferry runs again from Monday, the harbour master said, a week after a storm.",
  text: "The ferry runs again.\n\nTickets cost 12 shekels.",
  image: "https://cdn.bell.example/2026/03/ferry-at-the-pier-800x600.jpg?sig=abc",
  authors: ["Dana Levi"],
  topics: ["Sea", "Haifa"],
  publishedAt: new Date(0),
});
const after = (change: Partial<Article>): Article => ({ ...before, ...change });

test("readers see a changed headline, kicker, summary or picture", () => {
  for (const change of [
    { title: "Ferry to Akko runs again" },
    { title: "Ferry to Haifa will not run again" },
    { kicker: "Sea" },
    { summary: "The ferry runs again from Tuesday, the harbour master said, a week after a storm." },
    { summary: "המעבורת שבה לשוט" },
    { image: "https://cdn.bell.example/2026/03/harbour-master-at-his-desk.jpg" },
  ]) {
    assert.equal(changeOf(before, after(change)), "message", JSON.stringify(change));
  }
  assert.equal(changeOf(after({ summary: null }), before), "message", "a summary where there was none");
  assert.equal(changeOf(after({ image: null }), before), "message", "a picture where there was none");
});

test("what no reader of the message would see is no change of it", () => {
  for (const change of [
    { publishedAt: new Date(1000), updatedAt: new Date(2000) },
    { topics: ["Haifa", "Sea"] },
    { title: "  Ferry to\u00a0Haifa  runs again " },
    { title: "Ferry to Haifa runs again." },
    { title: "\u200fFerry to Haifa runs again\u200f" },
    { summary: "The ferry runs again from Monday, the harbour master said, a week after a&nbsp;storm." },
    { image: "https://cdn.bell.example/2026/03/ferry-at-the-pier-800x600.jpg?sig=xyz" },
    { breaking: true },
  ]) {
    assert.equal(changeOf(before, after(change)), "none", JSON.stringify(change));
  }
  const quoted = after({ title: "Master: \"Ferry's pier\" - 'safe'" });
  assert.equal(changeOf(quoted, after({ title: "Master: “Ferry’s pier” – ‘safe’" })), "none");
  assert.equal(changeOf(quoted, after({ title: "Master: &quot;Ferry&#39;s pier&quot; — 'safe'" })), "none");
  assert.equal(changeOf(after({ title: "Café" }), after({ title: "Cafe\u0301" })), "none");
  assert.equal(
    changeOf(after({ title: 'דובר צה"ל: המעבורת שבה' }), after({ title: "דובר צה״ל: המעבורת שבה" })),
    "none",
  );
});

test("a field that is missing now is no change: a feed that drops its summaries for a while blanks no message", () => {
  const bare = after({ summary: null, text: null, image: null, kicker: null, url: null, topics: [], authors: [] });
  assert.equal(changeOf(before, bare), "none");
  assert.equal(changeOf(before, after({ summary: "", text: " " })), "none");
  assert.deepEqual(revised(before, bare), before);
});

test("one text cut at another place is no change, and its longer cut is kept", () => {
  const shorter = after({ summary: "The ferry runs again from Monday, the harbour…" });
  const longer = after({ summary: "The ferry runs again from Monday, the harbour master said, a week [...]" });
  for (const [one, other] of [
    [before, shorter],
    [shorter, before],
    [shorter, longer],
    [longer, shorter],
  ] as const) {
    assert.equal(changeOf(one, other), "none");
  }
  assert.equal(revised(before, shorter).summary, before.summary);
  assert.equal(revised(shorter, before).summary, before.summary);
  assert.equal(changeOf(before, after({ summary: "The ferry runs on Monday, the harbour master…" })), "message");
  assert.equal(changeOf(after({ title: "Ferry…" }), after({ title: "Ferry sinks" })), "message", "too little to tell");
});

test("counts of readers and ages are no change, in four languages", () => {
  const rows: [string, string][] = [
    ["Ferry runs again | 1,204 views", "Ferry runs again | 1,377 views"],
    ["Ferry runs again (12 comments)", "Ferry runs again (1 comment)"],
    ["Posted 3 minutes ago. Ferry runs again", "Posted an hour ago. Ferry runs again"],
    ["Ferry runs again • 5 shares • 4 min read", "Ferry runs again • 17 shares • 4 min read"],
    ["המעבורת שבה לשוט, לפני 3 דקות", "המעבורת שבה לשוט, לפני שעתיים"],
    ["המעבורת שבה לשוט | 14 תגובות | 300 צפיות", "המעבורת שבה לשוט | 15 תגובות | 412 צפיות"],
    ["عادت العبارة منذ 3 دقائق", "عادت العبارة منذ ٥ ساعات"],
    ["عادت العبارة (12 تعليق)", "عادت العبارة (19 تعليق)"],
    ["Паром снова ходит, 3 минуты назад", "Паром снова ходит, час назад"],
    ["Паром снова ходит · 120 просмотров · 3 комментария", "Паром снова ходит · 125 просмотров · 5 комментариев"],
  ];
  for (const [summary, later] of rows) {
    assert.equal(changeOf(after({ summary }), after({ summary: later })), "none", later);
    assert.equal(changeOf(after({ text: summary }), after({ text: later })), "none", later);
  }
});

test("numbers that say something are a change", () => {
  const rows: [string, string][] = [
    ["Tickets cost 12 shekels", "Tickets cost 14 shekels"],
    ["The bill passed by 61 votes", "The bill passed by 62 votes"],
    ["The bank sold 500 shares", "The bank sold 700 shares"],
    ["במעבורת 12 נוסעים", "במעבורת 14 נוסעים"],
    ["На пароме 12 пассажиров", "На пароме 14 пассажиров"],
    ["على العبارة 12 راكبا", "على العبارة 14 راكبا"],
  ];
  for (const [summary, later] of rows)
    assert.equal(changeOf(after({ summary }), after({ summary: later })), "message", later);
});

test("a changed text or link changes the body alone", () => {
  assert.equal(changeOf(before, after({ text: "The ferry runs again.\n\nTickets cost 14 shekels." })), "body");
  assert.equal(changeOf(after({ text: null }), before), "body");
  assert.equal(changeOf(before, after({ url: "https://bell.example/ferry-runs-again" })), "body");
  assert.equal(changeOf(before, after({ url: "http://www.bell.example/ferry/?utm_source=rss" })), "none");
  assert.equal(changeOf(before, after({ text: `${before.text}  ` })), "none");
  assert.equal(changeOf(before, after({ text: "x", title: "x" })), "message", "what readers see counts more");
});

test("a picture is the same in another size, format, copy and wrapper", () => {
  const same: string[][] = [
    [
      "https://bell.example/wp-content/uploads/2026/03/ferry-at-pier.jpg",
      "https://bell.example/wp-content/uploads/2026/03/ferry-at-pier-300x200.jpg",
      "https://bell.example/wp-content/uploads/2026/03/ferry-at-pier-scaled.jpg.webp",
      "http://i0.wp.com/bell.example/wp-content/uploads/2026/03/ferry-at-pier.jpg?resize=600,400&ssl=1",
      "https://bell.example/_next/image?url=%2Fwp-content%2Fuploads%2F2026%2F03%2Fferry-at-pier.jpg&w=640&q=75",
      "https://res.cloudinary.com/bell/image/fetch/w_800,h_600,c_fill/https://bell.example/wp-content/uploads/2026/03/ferry-at-pier.jpg",
    ],
    ["https://a.example/img/2026/1.jpg?w=100", "https://cdn.a.example/img/2026/1.webp?w=900&sig=k"],
    ["https://a.example/pic.php?id=5&w=100&v=1", "https://b.example/pic.php?w=900&id=5"],
    ["https://a.example/800x600/news/7.jpg", "https://a.example/news/7.jpg"],
  ];
  for (const [first = "", ...rest] of same) {
    for (const image of rest) assert.equal(changeOf(after({ image: first }), after({ image })), "none", image);
  }
  const other: [string, string][] = [
    ["https://a.example/img/2026/1.jpg", "https://a.example/img/2027/1.jpg"],
    ["https://a.example/pic.php?id=5", "https://a.example/pic.php?id=6"],
    ["https://a.example/photo-of-ferry-1234.jpg", "https://a.example/photo-of-ferry-1235.jpg"],
    ["https://a.example/election-2025.jpg", "https://a.example/election-2026.jpg"],
    ["https://a.example/_next/image?url=%2Fa.jpg&w=1", "https://a.example/_next/image?url=%2Fb.jpg&w=1"],
  ];
  for (const [one, two] of other) assert.equal(changeOf(after({ image: one }), after({ image: two })), "message", two);
  for (const image of [
    "",
    "http://",
    "x",
    "https://a.example/?url=https://",
    `https://a.example/${"a_".repeat(3000)}`,
  ]) {
    assert.doesNotThrow(() => changeOf(before, after({ image })), image.slice(0, 40));
  }
});

test("the new version keeps what only the old one has, and takes everything else", () => {
  const next = after({
    title: "Ferry sails",
    summary: null,
    authors: ["Noa Cohen"],
    topics: [],
    updatedAt: new Date(5),
  });
  assert.deepEqual(revised(before, next), { ...next, summary: before.summary, topics: before.topics });
});

test("long texts are compared quickly", () => {
  const long = (end: string) => after({ text: `${"3 minutes 12 לפני 5 3,000,000 ".repeat(7000)}${end}` });
  const begun = workedMs();
  assert.equal(changeOf(long("a"), long("b")), "body");
  assert.ok(workedMs() - begun < 5000);
});

test("a headline that is only guessed from the address changes none that the page gave", () => {
  const same = { summary: "From Monday.", url: "https://bell.example/ferry-48213" };
  const before = article("Ferry runs again", same);
  const after = article("Ferry 48213", { ...same, titleIsGuess: true });
  assert.equal(changeOf(before, after), "none");
  const kept = revised(before, { ...after, topics: ["Harbour"] });
  assert.equal(kept.title, "Ferry runs again");
  assert.equal("titleIsGuess" in kept, false);
});
