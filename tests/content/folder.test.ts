import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import { describeContentAdapter, type Scene } from "#tests/contract/content-adapter";
import { workedMs } from "#tests/fakes/cpu";
import { createFolderAdapter } from "../../content/folder/adapter.ts";
import { PostError } from "../../content/folder/front-matter.ts";
import { parsePost } from "../../content/folder/parse.ts";

const now = new Date("2026-11-24T12:00:00Z");
const past = new Date("2026-11-23T08:00:00Z");

/** A folder of posts for one test; what is written into it was written long ago unless said. */
function createFolder() {
  const root = mkdtempSync(path.join(tmpdir(), "crier-posts-"));
  return {
    root,
    write(name: string, text: string | Uint8Array, at: Date | null = past) {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      if (at) utimesSync(file, at, at);
      return file;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function openFolder(t: TestContext, at = now) {
  const folder = createFolder();
  t.after(folder.remove);
  const clock = { time: at, now: () => clock.time };
  const adapter = createFolderAdapter({ clock, timeZone: "Asia/Jerusalem" });
  const read = (validators: Validators = {}, url = folder.root) => adapter.fetch({ url, validators }, t.signal);
  return {
    ...folder,
    clock,
    adapter,
    read,
    async posts() {
      const result = await read();
      assert(result.kind === "fetched");
      return result;
    },
  };
}

describeContentAdapter("folder", async () => {
  const folder = createFolder();
  return {
    adapter: createFolderAdapter(),
    url: folder.root,
    can: ["articles", "unchanged", "nonsense"],
    play(scene: Scene) {
      if (scene.kind === "nonsense") folder.write("broken.md", "---\ntitle: [\n---\nText.");
      if (scene.kind !== "articles") return;
      for (const [index, title] of scene.titles.entries()) {
        const at = new Date(past.getTime() - index * 60_000);
        folder.write(
          `${index}.md`,
          `---\ntitle: ${JSON.stringify(title)}\nurl: https://quay.example/${index}\n---\n`,
          at,
        );
      }
    },
    async close() {
      folder.remove();
    },
  };
});

test("an article has all that its post says", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  cpSync(path.resolve(import.meta.dirname, "../fixtures/folder"), folder.root, { recursive: true });
  const { articles, title } = await folder.posts();
  assert.equal(title, path.basename(folder.root));
  const byId = new Map(articles.map((article) => [article.sourceId, article]));
  assert.deepEqual(byId.get("2026-11-20-night-ferry.md"), {
    sourceId: "2026-11-20-night-ferry.md",
    url: "https://bell.example/2026/night-ferry",
    title: "Night ferry returns after two years",
    kicker: "Harbour",
    summary: "The last boat now leaves at one in the morning, the town council says.",
    text: "The night ferry is back. Its last boat leaves the north quay at one in the morning.\n\nIt ran last in the autumn of 2024 & was missed:\n\nby bakers\n\nby nurses",
    image: "https://bell.example/pictures/ferry.jpg",
    authors: ["Dana Levi", "Omar Haddad"],
    source: "bell.example",
    topics: ["Harbour", "Town council", "ferries"],
    language: "en-gb",
    publishedAt: new Date("2026-11-20T16:30:00Z"),
    updatedAt: new Date("2026-11-21T07:00:00Z"),
    breaking: true,
  });
  const hebrew = byId.get("town/שוק-הדגים.md");
  assert.equal(hebrew?.title, "שוק הדגים נפתח מחדש");
  assert.equal(hebrew.text, "אחרי שיפוץ של שנה נפתח הבוקר שוק הדגים ליד הרציף הדרומי.");
  assert.deepEqual([hebrew.authors, hebrew.topics], [["רותם בר־לב"], ["נמל", "שוק"]]);
  assert.deepEqual(hebrew.publishedAt, new Date("2026-11-19T04:15:00Z"), "a date without a zone is the newsroom's");
  assert.equal(byId.get("town/рыбный-рынок.markdown")?.title, "Рыбный рынок: утро без очередей");
  const weather = byId.get("2026-11-18-harbour-weather.md");
  assert.equal(weather?.title, "Harbour weather");
  assert.equal(weather.summary, "Wind from the west, no rain. Small boats may go out.");
  assert.deepEqual(weather.publishedAt, new Date("2026-11-17T22:00:00Z"));
  assert.deepEqual([weather.url, weather.image, weather.updatedAt], [null, null, null]);
});

test("the address may be a path or a file: address", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write("a b/one.md", "# One");
  const url = pathToFileURL(path.join(folder.root, "a b")).href;
  const result = await folder.read({}, url);
  assert(result.kind === "fetched");
  assert.equal(result.articles[0]?.sourceId, "one.md");
  await assert.rejects(folder.read({}, "file://elsewhere/posts"), FeedError);
});

test("drafts, posts to come and posts taken back are no articles", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write("draft.md", "---\ndraft: true\n---\n# Not yet");
  folder.write("draft-word.md", "---\ntitle: Storm: not yet\ndraft: yes\n---\nText.");
  folder.write("unpublished.md", "---\npublished: false\n---\n# Not yet either");
  folder.write("withdrawn.md", "---\nid: w-1\nretracted: true\n---\n# It was wrong");
  folder.write("empty.md", "");
  folder.write("only-matter.md", "---\nlanguage: en\n---\n");
  folder.write("2026-11-25-tomorrow.md", "# By its name");
  folder.write("later.md", "---\ndate: 2026-11-24 14:30\n---\n# At half past two in Jerusalem");
  folder.write("out.md", "---\ndate: 2026-11-24 13:59\n---\n# Out");
  const first = await folder.posts();
  assert.deepEqual(
    first.articles.map(({ title }) => title),
    ["Out"],
  );
  assert.deepEqual(first.retracted, ["w-1"]);
  assert.deepEqual(await folder.read(first.validators), { kind: "unchanged" });

  folder.clock.time = new Date("2026-11-24T12:30:00Z");
  const second = await folder.read(first.validators);
  assert(second.kind === "fetched", "its hour came, though no file changed");
  assert.deepEqual(
    second.articles.map(({ title }) => title),
    ["At half past two in Jerusalem", "Out"],
  );
  assert.deepEqual(await folder.read(second.validators), { kind: "unchanged" });
  folder.clock.time = new Date("2026-11-24T22:00:00Z");
  assert.equal((await folder.read(second.validators)).kind, "fetched");
});

test("the id stays when the title changes, and each change is seen", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write("post.md", "# First words");
  const first = await folder.posts();
  folder.write("post.md", "# Other words", new Date(past.getTime() + 1000));
  const second = await folder.read(first.validators);
  assert(second.kind === "fetched");
  assert.deepEqual(
    [first, second].map(({ articles }) => [articles[0]?.sourceId, articles[0]?.title]),
    [
      ["post.md", "First words"],
      ["post.md", "Other words"],
    ],
  );
});

test("relative links need a page to start from", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write(
    "a.md",
    "---\nurl: story.html\nimage: photo.jpg\n---\n# A\n\n![](b.png)\n\n![](https://bell.example/c.png)",
  );
  folder.write("b.md", "---\nurl: bell.example/town/b\nimage: photo.jpg\n---\n# B");
  folder.write("c.md", "---\nurl: javascript:alert(1)\nimage: data:image/png;base64,AAAA\n---\n# C");
  const found = (await folder.posts()).articles.map(({ title, url, image }) => [title, url, image]);
  assert.deepEqual(found.sort(), [
    ["A", null, "https://bell.example/c.png"],
    ["B", "https://bell.example/town/b", "https://bell.example/town/photo.jpg"],
    ["C", null, null],
  ]);
});

test("one broken post loses no other, and is told of when nothing else is new", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  const broken: [name: string, text: string, told: RegExp][] = [
    ["flow.md", "---\ntitle: x\ntopics: [a\ndraft: true\n---\nText.", /flow\.md, line \d: /],
    ["open.md", "---\ntitle: No end\n\nText.", /open\.md, line 1: .*close it with a line "---"/],
    ["date.md", "---\ntitle: x\ndate: next Tuesday\n---\n", /date\.md, line 3: date "next Tuesday" is no date/],
    ["list.md", "---\n- a\n- b\n---\n# L", /list\.md, line 2: .*"name: value"/],
    ["bomb.md", `---\n${bomb()}\n---\n# B`, /bomb\.md, line 2: /],
    ["deep.md", `---\na: ${"[".repeat(10_000)}\n---\n# D`, /deep\.md, line \d/],
    ["long.md", `---\na: ${"x".repeat(20_000)}\n---\n# L`, /long\.md, line 1: .*16 KiB/],
    ["large.md", "x".repeat(1024 * 1024 + 1), /large\.md: it is larger than 1 MiB/],
  ];
  for (const [name, text, told] of broken) {
    folder.write("good.md", "---\nid: g\n---\n# Good");
    const file = folder.write(name, text);
    const first = await folder.posts();
    assert.deepEqual(
      first.articles.map(({ title }) => title),
      ["Good"],
      name,
    );
    await assert.rejects(folder.read(first.validators), (error: unknown) => {
      assert(error instanceof FeedError);
      assert.match(error.message, told);
      assert.match(error.message, /The other 1 in \S+ are read\./);
      return true;
    });
    rmSync(path.join(folder.root, "good.md"));
    await assert.rejects(folder.read(), told);
    rmSync(file);
  }
});

function bomb(): string {
  const lines = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [name, of] of ["ba", "cb", "dc", "ed", "fe", "gf", "hg"]) {
    lines.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(", ")}]`);
  }
  return lines.join("\n");
}

test("the same id twice is told of, and the newer post stands", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write("old.md", "---\nid: 7\n---\n# Old");
  folder.write("copy.md", "---\nid: 7\n---\n# Copy", new Date(past.getTime() + 1000));
  const first = await folder.posts();
  assert.deepEqual(
    first.articles.map(({ title }) => title),
    ["Copy"],
  );
  await assert.rejects(folder.read(first.validators), /old\.md: its id "7" is that of copy\.md too/);
});

test("what is hidden, too deep or outside is not looked at", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  const outside = createFolder();
  t.after(outside.remove);
  outside.write("secret.md", "# Secret");
  for (const name of [
    ".hidden.md",
    "_drafts/a.md",
    ".git/b.md",
    "README.md",
    "notes.txt",
    "a~.md~",
    "1/2/3/4/deep.md",
  ]) {
    folder.write(name, "# No");
  }
  folder.write("1/2/3/yes.md", "# Yes");
  symlinkSync(path.join(outside.root, "secret.md"), path.join(folder.root, "link.md"));
  symlinkSync(outside.root, path.join(folder.root, "linked"));
  symlinkSync(folder.root, path.join(folder.root, "1/round"));
  symlinkSync(path.join(folder.root, "1/2/3/yes.md"), path.join(folder.root, "again.md"));
  symlinkSync(path.join(folder.root, ".hidden.md"), path.join(folder.root, "shown.md"));
  const ids = (await folder.posts()).articles.map(({ sourceId }) => sourceId);
  assert.deepEqual(ids.sort(), ["1/2/3/yes.md", "shown.md"]);
});

test("a folder that cannot be read is named, with what to do", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  const file = folder.write("one.md", "# One");
  await assert.rejects(folder.read({}, path.join(folder.root, "none")), (error: unknown) => {
    assert(error instanceof FeedError && error.reason === "unreachable");
    assert.match(error.message, /There is no folder \S+\/none: /);
    return true;
  });
  await assert.rejects(folder.read({}, file), (error: unknown) => {
    assert(error instanceof FeedError && error.reason === "not-a-feed");
    assert.match(error.message, /one\.md is a file: /);
    return true;
  });
  await assert.rejects(folder.read({}, "a\0b"), FeedError);
  await assert.rejects(folder.adapter.fetch({ url: folder.root, validators: {} }, AbortSignal.abort()), FeedError);
  rmSync(file);
  assert.deepEqual((await folder.posts()).articles, [], "an empty folder waits for its first post");
});

test("other encodings, line ends and marks are read", { timeout: 10_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write("crlf.md", "\ufeff---\r\ntitle: Ends\r\n---\r\nOne.\r\n\r\nTwo.\r\n");
  folder.write("wide.md", Buffer.from("\ufeff---\ntitle: רחב\n---\nשורה", "utf16le"));
  folder.write("west.md", Buffer.from("---\ntitle: Caf\xe9 am Kai\n---\nText.", "latin1"));
  folder.write("code.md", '---\ntitle: Code\n---\nBefore.\n\n```\n<?xml version="1.0"?>\n```\n');
  const found = (await folder.posts()).articles.map(({ title, text }) => [title, text]);
  assert.deepEqual(found.sort(), [
    ["Café am Kai", "Text."],
    ["Code", 'Before.\n\n<?xml version="1.0"?>'],
    ["Ends", "One.\n\nTwo."],
    ["רחב", "שורה"],
  ]);
});

test("Markdown made to be slow ends within reason", { timeout: 20_000 }, async (t) => {
  const folder = openFolder(t);
  const units = ["a__b", "**a", "> ", "1. ", "- ", "[", "![a](b ", "<a ", "<!--", "`a``", "|a", "<div>\n", "\\"];
  for (const [index, unit] of units.entries())
    folder.write(`${index}.md`, `# T\n\n${unit.repeat(500_000 / unit.length)}`);
  const began = workedMs();
  const { articles } = await folder.posts();
  assert.equal(articles.length, units.length);
  // Unbounded, one of them alone takes minutes.
  assert.ok(workedMs() - began < 15_000);
});

const soon = async (t: TestContext, what: string, holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds(); waited += 25) {
    assert.ok(waited < 10_000 && !t.signal.aborted, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

test("a watched folder tells of what is written, moved in and removed, and of itself made anew", {
  timeout: 60_000,
}, async (t) => {
  const folder = openFolder(t);
  folder.write("one.md", "# One");
  const stop = new AbortController();
  t.after(() => stop.abort());
  let calls = 0;
  folder.adapter.watch?.({ url: folder.root, validators: {} }, () => calls++, stop.signal);
  // Until the watch stands, which nothing tells, a change is not seen as one.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const told = async (what: string, work: () => void): Promise<void> => {
    const before = calls;
    work();
    await soon(t, what, () => calls > before);
  };
  await told("a new file", () => folder.write("two.md", "# Two", null));
  await told("a file written in place", () => folder.write("one.md", "# One, changed", null));
  await told("a file moved over another", () => {
    const temporary = folder.write(".one.md.tmp", "# One, moved", null);
    renameSync(temporary, path.join(folder.root, "one.md"));
  });
  await told("a folder with a file", () => folder.write("sub/three.md", "# Three", null));
  await told("a file in the new folder", () => folder.write("sub/four.md", "# Four", null));
  await told("a file removed", () => rmSync(path.join(folder.root, "two.md")));
  await told("the folder removed", () => rmSync(folder.root, { recursive: true }));
  await told("the folder made anew", () => folder.write("five.md", "# Five", null));
  await told("a file in the folder made anew", () => folder.write("six.md", "# Six", null));

  stop.abort();
  const before = calls;
  folder.write("seven.md", "# Seven", null);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(calls, before);
});

test("a file that is being written is told of once it is finished, and not read before", {
  timeout: 30_000,
}, async (t) => {
  const folder = openFolder(t);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const readings: Promise<(string | null)[]>[] = [];
  const read = async () => {
    const result = await folder.read();
    return result.kind === "fetched" ? result.articles.map(({ text }) => text) : [];
  };
  let calls = 0;
  folder.adapter.watch?.(
    { url: folder.root, validators: {} },
    () => {
      calls++;
      readings.push(read());
    },
    stop.signal,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const words = Array.from({ length: 12 }, (_, index) => `word${index}`);
  for (let count = 1; count <= words.length; count++) {
    folder.write("post.md", `# Title\n\n${words.slice(0, count).join(" ")}`, null);
    // What asks by chance in the middle waits as well.
    if (count === 6) readings.push(read());
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await soon(t, "the finished file", () => calls > 0);
  assert.ok(calls < words.length / 2, `told ${calls} times of one file`);
  for (const texts of await Promise.all(readings)) assert.deepEqual(texts, [words.join(" ")]);
});

test("a watched folder tells when a post's hour has come", { timeout: 20_000 }, async (t) => {
  const folder = openFolder(t);
  folder.write("later.md", "---\ndate: 2026-11-24T13:00:00Z\n---\n# Later");
  await folder.posts();
  const stop = new AbortController();
  t.after(() => stop.abort());
  let calls = 0;
  folder.adapter.watch?.({ url: folder.root, validators: {} }, () => calls++, stop.signal);
  folder.clock.time = new Date("2026-11-24T13:00:00Z");
  await soon(t, "its hour", () => calls === 1);
  assert.equal((await folder.posts()).articles.length, 1);
});

test("whatever the bytes, a post is read or said to be none", { timeout: 60_000 }, () => {
  const context = { name: "post.md", changedAt: past, source: "The Bell", timeZone: "Asia/Jerusalem" };
  const fixture = path.resolve(import.meta.dirname, "../fixtures/folder/2026-11-20-night-ferry.md");
  const original = readFileSync(fixture);
  const pieces = [
    "---\n",
    "- ",
    ": ",
    "[",
    "&a ",
    "*a ",
    "!!x ",
    "|\n",
    "\0",
    "\xff",
    "\ud800",
    "ש",
    "{",
    "? ",
    '"',
    "%YAML 9\n",
    "date: ",
    "<<: ",
  ];
  let seed = 3;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  let read = 0;
  for (let round = 0; round < 3_000; round++) {
    let bytes = Buffer.from(original);
    for (let change = 1 + random(4); change > 0; change--) {
      const at = random(Math.min(bytes.length, 700));
      const piece = Buffer.from(pieces[random(pieces.length)] ?? "", round % 2 ? "utf8" : "latin1");
      bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + random(12))]);
    }
    try {
      const post = parsePost(bytes, context);
      if (post.state !== "ready") continue;
      read++;
      assert.notEqual(post.article.title, "");
      assert.doesNotMatch(`${post.article.title}${post.article.text}${post.article.summary}`, /[\0-\x08\x1b]/);
    } catch (error) {
      assert(error instanceof PostError, String(error));
      assert.ok(error.line > 0, error.message);
    }
  }
  assert.ok(read > 100, `${read} were read`);
});
