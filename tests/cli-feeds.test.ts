import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { readRules } from "#content/opml/own";
import { readOpml } from "#content/opml/read";
import type { Condition } from "#core/model";
import { parseChoice } from "#src/cli/feeds/add";
import { conditionWords, parseCondition } from "#src/cli/feeds/condition";
import { changeRules, rulesWords } from "#src/cli/feeds/rules";
import { relativeTime } from "#src/cli/say";
import { hookFeed } from "#src/hook-feed";
import { createLog } from "#src/log";
import { openStore } from "#store/open";
import { createPlace, openFeedServer, type Place, processEnv, rss } from "#tests/journeys/crier";

const runner = `import { feeds } from ${JSON.stringify(path.resolve(import.meta.dirname, "../src/cli/feeds.ts"))};
process.exitCode = await feeds(process.argv.slice(1));`;

/** `crier feeds` as a process of its own, beside others that use the same store. */
suite("crier feeds", { timeout: 180_000 }, () => {
  let place: Place;
  let server: Awaited<ReturnType<typeof openFeedServer>>;
  let feedUrl: string;

  const run = (args: string[], env: Record<string, string> = {}): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", runner, "--", ...args],
        {
          cwd: place.folder,
          timeout: 60_000,
          env: { ...processEnv, DATA_DIR: place.dataDir, ALLOW_PRIVATE_HOSTS: "127.0.0.1", ...env },
        },
        (error, out, wrong) => resolve({ code: error ? Number(error.code) : 0, said: `${out}${wrong}` }),
      );
    });
  const good = async (args: string[], env: Record<string, string> = {}): Promise<string> => {
    const { code, said } = await run(args, env);
    assert.equal(code, 0, said);
    return said;
  };
  const listed = async (): Promise<Record<string, unknown>[]> => JSON.parse(await good(["--json"]));
  const withStore = async (work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<void>): Promise<void> => {
    const store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    await work(store).finally(() => store.close());
  };

  before(async () => {
    place = await createPlace();
    server = await openFeedServer();
    feedUrl = server.put(
      "/feed.xml",
      "application/rss+xml",
      rss([
        { title: "Ferry runs again", summary: "From the north quay.", link: "https://bell.example/1" },
        { title: "Horoscope for sailors", summary: "Stay in port.", link: "https://bell.example/2" },
        { title: "מעבורת חוזרת", summary: "מהרציף הצפוני.", link: "https://bell.example/3" },
      ]),
    );
  });
  after(async () => {
    await place.remove();
    await server.close();
  });

  test("without a feed, and asked for help, it says how to begin", async () => {
    assert.match(await good([]), /No feed is read yet\. Add one: crier feeds add https:/);
    assert.deepEqual(await listed(), []);
    assert.match(await good(["--help"]), /add ADDRESS .*\n[\s\S]*--exclude CONDITION/);
  });

  test("asked wrongly it ends with 2 and says what is wrong", async () => {
    const wrong: [args: string[], said: RegExp][] = [
      [["toString"], /no command "feeds toString"/],
      [["add"], /Name one address/],
      [["add", "ftp://bell.example/"], /neither a web address nor a folder/],
      [["add", "https://bell.example/", "--kind", "fax"], /--kind is feed, .* or folder; "fax" is none/],
      [["add", "https://bell.example/", "--exclude", "pattern:/(a/"], /pattern “\(a” cannot be used/],
      [["list", "--frob"], /--frob/],
      [["set", "1"], /Say what is to be set/],
      [["set", "1", "--selector", "a["], /no CSS selector/],
      [["set", "1", "--every", "soon"], /no time from 1s to 24h/],
    ];
    const answers = await Promise.all(wrong.map(([args]) => run(args)));
    for (const [index, { code, said }] of answers.entries()) {
      assert.equal(code, 2, said);
      assert.match(said, wrong[index]?.[1] ?? /never/);
    }
    const settings = await run(["list"], { PORT: "x" });
    assert.equal(settings.code, 2);
    assert.match(settings.said, /PORT must be/);
  });

  test("a feed is added once, shown, given rules, tried and removed", async () => {
    const added = await good(["add", feedUrl, "--kind", "feed", "--topic", "Sea=words:ferry,מעבורת"]);
    assert.match(
      added,
      /^The Harbour Bell: 3 articles\.\nAdded http\S+ as feed 1, topic “Sea” for words:ferry,מעבורת\./,
    );
    assert.match(await good(["add", feedUrl, "--kind", "feed"]), /read already: it is feed 1/);

    assert.match(
      await good(["set", feedUrl, "--exclude", "horoscope", "--breaking", "words:again", "--every", "5m"]),
      /Feed 1, .*: without words:horoscope; topic “Sea” for words:ferry,מעבורת; breaking for words:again; every 5m\./,
    );
    const tried = await good(["test", "1"]);
    assert.match(tried, /^The Harbour Bell: 3 articles; the rules leave 1 of them out\.\n/);
    assert.match(
      tried,
      /\nBREAKING {2}Ferry runs again\n {2}From the north quay\.\n.* Sea .*\n {2}https:\/\/bell\.example\/1\n/,
    );
    assert.match(tried, /\nLEFT OUT {2}Horoscope for sailors\n {2}it has the word “horoscope”\n/);
    assert.match(tried, /\nמעבורת חוזרת\n/);
    const { articles, leftOut, newest } = JSON.parse(await good(["test", feedUrl, "--json"]));
    assert.deepEqual([articles, leftOut, newest.length, newest[1].out], [3, 1, 3, false]);

    assert.match(
      await good(["set", "1", "--exclude", "", "--topic", "", "--no-pages"]),
      /: breaking for words:again; reads no article's page; every 5m\./,
    );
    assert.match(await good(["set", "1", "--clear"]), /has no rules/);
    assert.deepEqual((await listed())[0]?.rules, {});

    const inSettings = await good(["remove", "1"], { FEEDS: feedUrl });
    assert.match(inSettings, /is read no more\.[\s\S]*stands in the setting FEEDS and is back at the next start/);
    assert.deepEqual(await listed(), []);
    for (const args of [
      ["remove", "1"],
      ["set", "99", "--clear"],
      ["test", "https://nowhere.example/"],
    ]) {
      const { code, said } = await run(args);
      assert.equal(code, 1, said);
      assert.match(said, /There is no feed .* “crier feeds” lists/);
    }
  });

  test("a folder is added by its path, and known by every way to write it", async () => {
    const posts = path.join(place.folder, "posts");
    const missing = await run(["add", "./posts"]);
    assert.equal(missing.code, 1);
    assert.match(missing.said, /There is no folder .*posts: /);
    mkdirSync(posts);
    writeFileSync(path.join(posts, "one.md"), "# אחת\n\nטקסט.");
    assert.match(await good(["add", "posts"]), /posts: 1 article, the newest .*\nAdded \/.*posts as feed \d+\./);
    for (const name of ["./posts", `file://${posts}`, posts]) assert.match(await good(["add", name]), /read already/);
    writeFileSync(path.join(posts, "two.md"), "---\ntitle: [\n---\n");
    const tried = await good(["test", "./posts"]);
    assert.match(tried, /: 1 article\.\n\/.*two\.md, line 2: .*The other 1 in .* are read\.\n\nאחת\n/);
    assert.match(await good(["remove", "./posts/"]), /read no more/);
  });

  test("posts that name no zone are dated in the newsroom's own", async () => {
    const posts = path.join(place.folder, "dated");
    mkdirSync(posts);
    writeFileSync(path.join(posts, "one.md"), "---\ntitle: Ferry\ndate: 2026-01-24 09:00\n---\nIt runs.");
    await good(["add", "./dated"]);
    const tried = await good(["test", "./dated", "--json"], { TIMEZONE: "Asia/Tokyo" });
    assert.equal(JSON.parse(tried).newest[0].article.publishedAt, "2026-01-24T00:00:00.000Z");
    await good(["remove", "./dated"]);
  });

  test("what publishing tools hand in has rules, and is nothing to be read or passed on", async () => {
    await withStore(async ({ feeds }) => void (await feeds.add(hookFeed, new Date())));
    const [feed] = await listed();
    const id = String(feed?.id);
    assert.match(await good(["list"]), /\n\d+ +hook +handed in +never /);
    assert.match(await good(["set", id, "--exclude", "horoscope"]), /without words:horoscope/);
    const tried = await run(["test", id]);
    assert.equal(tried.code, 1);
    assert.match(tried.said, /^crier: Articles are handed in at \/hooks\/articles: there is nothing to be read\.\n$/);
    assert.ok(!(await good(["export"])).includes("hook"));
    await good(["remove", id]);
  });

  test("what cannot be read is not added", async () => {
    const page = server.put("/welcome", "text/html", "<!doctype html><title>Welcome</title><p>Nothing here.");
    const { code, said } = await run(["add", page, "--kind", "feed"]);
    assert.equal(code, 1);
    assert.match(said, /^crier: http\S+\/welcome /);
    assert.deepEqual(await listed(), []);
  });

  test("the list tells what fails and since when, and what is pushed", async () => {
    const now = new Date();
    const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
    await withStore(async ({ feeds, pushes }) => {
      const { feed } = await feeds.add({ kind: "feed", address: "https://bell.example/a" }, now);
      await feeds.read(feed.id, { at: ago(125), nextAt: ago(120), title: "The \u001b[31mBell\u202e" });
      await feeds.failed(feed.id, { nextAt: ago(1), problem: "bell.example refuses connections." });
      await feeds.failed(feed.id, { nextAt: ago(-61), problem: "bell.example refuses connections." });
      const { feed: other } = await feeds.add({ kind: "sitemap", address: "https://bell.example/news.xml" }, now);
      await pushes.save({
        feedId: other.id,
        hub: "https://hub.example/",
        topic: "https://bell.example/news.xml",
        token: "t",
        secret: "s",
        state: "active",
        renewAt: now,
        expiresAt: now,
      });
    });
    const said = await good(["list"]);
    assert.match(said, /^ID +KIND +NEWS +READ +NEXT +TITLE\n/);
    assert.match(said, /\n\d+ +feed +polled +2 hours ago +in 1 hour +The \[31mBell\n +https:\/\/bell\.example\/a\n/);
    assert.match(said, /\n +2 reads failed since the last good one 2 hours ago: bell\.example refuses connections\.\n/);
    assert.match(said, /\n\d+ +sitemap +pushed +never +now +no title yet\n/);
    assert.ok(!said.includes("\u001b"));
    const [first, second] = await listed();
    assert.deepEqual([first?.failures, first?.isPushed, second?.isPushed], [2, false, true]);
    assert.ok(!(await good(["--json"])).includes('"secret"'));
    await good(["remove", "https://bell.example/a"]);
    await good(["remove", "https://bell.example/news.xml"]);
  });

  test("a list of feeds is taken in and written out again", async () => {
    const file = path.join(place.folder, "list.opml");
    writeFileSync(
      file,
      `<opml version="2.0" xmlns:crier="urn:crier:opml"><body>
        <outline text="Sea"><outline type="rss" title="Bell" xmlUrl="https://bell.example/a"/></outline>
        <outline title="Bad" xmlUrl="https://bell.example/b" crier:kind="listing" crier:rules="{&quot;exclude&quot;:[{&quot;pattern&quot;:&quot;(&quot;}]}"/>
        <outline title="Kept" xmlUrl="https://bell.example/c" crier:kind="sitemap" crier:rules="{&quot;breaking&quot;:&quot;never&quot;}"/>
        <outline title="Fax" xmlUrl="https://bell.example/d" crier:kind="fax"/>
        <outline title="Old" xmlUrl="gopher://bell.example/"/>
      </body></opml>`,
    );
    const said = await good(["import", file]);
    assert.match(said, /^3 feeds are new, 0 were there already\.\n/);
    assert.match(said, /\n {2}gopher:\/\/bell\.example\/ cannot be read by Crier\.\n/);
    assert.match(said, /\n {2}Fax is of the kind "fax"/);
    assert.match(said, /\n {2}Bad comes without its rules: The pattern “\(”/);
    const feeds = await listed();
    assert.deepEqual(
      feeds.map(({ kind, rules }) => [kind, rules]),
      [
        ["feed", { topics: [{ topic: "Sea", when: {} }] }],
        ["listing", {}],
        ["sitemap", { breaking: "never" }],
      ],
    );
    assert.match(await good(["import", file]), /^0 feeds are new, 3 were there already\./);

    const copy = path.join(place.folder, "copy.opml");
    assert.match(await good(["export", copy]), /^3 feeds in /);
    assert.equal(
      (await good(["export"])).replace(/<dateCreated>.*</, ""),
      readFileSync(copy, "utf8").replace(/<dateCreated>.*</, ""),
    );
    assert.deepEqual(
      readOpml(readFileSync(copy)).feeds.map(({ address, topics, kind }) => [address, topics, kind]),
      [
        ["https://bell.example/a", ["Sea"], "feed"],
        ["https://bell.example/b", [], "listing"],
        ["https://bell.example/c", [], "sitemap"],
      ],
    );
    for (const [index, feed] of feeds.entries())
      await good(["remove", index === 0 ? String(feed.address) : String(feed.id)]);
    assert.match(await good(["import", copy]), /^3 feeds are new/);
    assert.deepEqual(
      (await listed()).map(({ kind, rules }) => [kind, rules]),
      feeds.map(({ kind, rules }) => [kind, rules]),
    );

    writeFileSync(file, "<html><body>Not found</body></html>");
    for (const name of [file, path.join(place.folder, "none.opml")])
      assert.equal((await run(["import", name])).code, 1);
    assert.match((await run(["import", file])).said, /no list of feeds: export one as OPML/);
  });

  test("a site's feeds are found, told and added, the best or all", async () => {
    const link = (type: string, href: string): string => `<link rel="alternate" type="${type}" href="${href}">`;
    const other = server.put(
      "/other.xml",
      "application/rss+xml",
      rss([{ title: "Two", summary: "S.", link: "https://bell.example/t" }]),
    );
    const site = server.put(
      "/site",
      "text/html",
      `<!doctype html><html><head><title>Bell</title>${link("application/rss+xml", "/feed.xml")}${link("application/rss+xml", "/other.xml")}</head><body></body></html>`,
    );
    const said = await good(["add", site, "--yes"]);
    assert.match(said, / has \d+ sources of news:\n {2}1\. feed http\S+ “The Harbour Bell”: /);
    assert.match(said, /\nAdded http\S+\.xml as feed \d+\.\n/);
    assert.match(said, /--all/);
    const all = await good(["add", site, "--all"]);
    assert.match(all, /is read already/);
    assert.match(all, /Added /);
    const addresses = (await listed()).map(({ address }) => address);
    assert.ok(addresses.includes(feedUrl) && addresses.includes(other), addresses.join(" "));
  });
});

test("a choice is numbers, all or none", () => {
  assert.deepEqual(parseChoice("", 3), [0]);
  assert.deepEqual(parseChoice(" 3, 1 1", 3), [2, 0]);
  assert.deepEqual(parseChoice("ALL", 2), [0, 1]);
  assert.deepEqual(parseChoice("none", 2), []);
  for (const answer of ["4", "x", "1-3", "-1", "1.5"]) assert.equal(parseChoice(answer, 3), null, answer);
});

test("times are said by their largest unit", () => {
  const now = new Date("2026-11-24T12:00:00Z");
  const at = (seconds: number): string => relativeTime(new Date(now.getTime() + seconds * 1000), now);
  assert.deepEqual(
    [at(0), at(-1), at(-119), at(3_600), at(-2 * 86_400)],
    ["now", "1 second ago", "1 minute ago", "in 1 hour", "2 days ago"],
  );
});

suite("conditions as people write them", () => {
  const cases: [text: string, condition: Condition][] = [
    ["sport", { words: ["sport"] }],
    ["sport, horoscope", { words: ["sport", "horoscope"] }],
    ["words:red alert", { words: ["red alert"] }],
    ["Topic: Opinion", { topics: ["Opinion"] }],
    ["author:Dana Levi & language:HE,en_GB", { authors: ["Dana Levi"], languages: ["he", "en-gb"] }],
    ['words:"Smith & Sons, Ltd","say \\"no\\""', { words: ["Smith & Sons, Ltd", 'say "no"'] }],
    ['צה"ל,מבזק', { words: ['צה"ל', "מבזק"] }],
    ["pattern:/storm & rain\\/wind, \\d+/ & topic:Sea", { pattern: "storm & rain/wind, \\d+", topics: ["Sea"] }],
    ["pattern:storm|rain & прогноз", { pattern: "storm|rain", words: ["прогноз"] }],
    ["topic:https://bell.example/sea", { topics: ["https://bell.example/sea"] }],
    ["https://bell.example", { words: ["https://bell.example"] }],
    ["R&D", { words: ["R&D"] }],
    ["always", {}],
    ['"always"', { words: ["always"] }],
  ];
  for (const [text, condition] of cases) test(text, () => assert.deepEqual(parseCondition(text), condition));

  test("what is none is said in words", () => {
    const wrong: [text: string, said: RegExp][] = [
      ["", /empty/],
      ["colour:red", /“colour:” is nothing that can be asked/],
      ["words:a & words:b", /stands in it twice/],
      ["pattern:/a/ & pattern:/b/", /Two patterns/],
      ["pattern:/a", /the second is missing/],
      ["pattern:/a/ b", /joined by/],
      ['"open', /not closed/],
      ['"one" two', /joined by/],
      ["a,,b", /empty/],
      ["a & ", /the part after it is missing/],
      ["language:Hebrew", /no language/],
      ["language:русский", /no language/],
      ["x".repeat(5000), /4,000/],
    ];
    for (const [text, said] of wrong) assert.throws(() => parseCondition(text), said, text);
  });

  test("what is written is read back, whatever it holds", () => {
    const pieces = ["a", "ש", "“", '"', "\\", "/", ",", " ", "&", " & ", ":", "topic:", "always", "й", "(", "🔴"];
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const word = (): string => `x${Array.from({ length: random(6) }, () => pieces[random(pieces.length)]).join("")}`;
    const some = (): string[] => Array.from({ length: 1 + random(3) }, word);
    for (let round = 0; round < 2_000; round++) {
      const condition: Condition = {
        ...(random(2) ? { words: [...some(), pieces[random(pieces.length - 8) + 8]?.trim() || "y"] } : {}),
        ...(random(2) ? { topics: some() } : {}),
        ...(random(2) ? { authors: some() } : {}),
        ...(random(2) ? { languages: ["he", "en-gb"] } : {}),
        // A backslash at the end, and before a slash, stands in no pattern that it says itself.
        ...(random(2) ? { pattern: word().replaceAll("\\", "\\\\").replace(/\s+$/, "") } : {}),
      };
      assert.deepEqual(parseCondition(conditionWords(condition)), condition, conditionWords(condition));
    }
  });
});

test("rules are changed part by part, and said as they are written", () => {
  const first = changeRules(
    {},
    { include: ["ferry", "topic:Sea"], breaking: ["never"], selector: "main a", pages: true },
  );
  assert.deepEqual(first, {
    include: [{ words: ["ferry"] }, { topics: ["Sea"] }],
    breaking: "never",
    selector: "main a",
    pages: true,
  });
  assert.deepEqual(rulesWords(first), [
    "only words:ferry, or topic:Sea",
    "never breaking",
    "links by main a",
    "reads each article's page",
  ]);
  const second = changeRules(first, { include: [""], breaking: ["author:Дана"], topic: ["Town"], every: "90s" });
  assert.deepEqual(second, {
    breaking: [{ authors: ["Дана"] }],
    selector: "main a",
    pages: true,
    topics: [{ topic: "Town", when: {} }],
    intervalMs: 90_000,
  });
  assert.deepEqual(rulesWords(second), [
    "topic “Town”",
    "breaking for author:Дана",
    "links by main a",
    "reads each article's page",
    "every 90s",
  ]);
  assert.deepEqual(changeRules(second, { breaking: [""], selector: "", topic: [""], every: "" }), { pages: true });
  const desk = changeRules({}, { release: "Review", embargo: "off", preflight: "on" });
  assert.deepEqual(desk, { release: "review", embargo: false, preflight: true });
  assert.deepEqual(rulesWords(desk), [
    "an editor lets each article go",
    "what is dated ahead goes out at once",
    "looks at each page before it goes out",
  ]);
  assert.deepEqual(readRules(JSON.stringify(desk)), { rules: desk }, "a list that is written out keeps them");
  assert.deepEqual(changeRules(desk, { release: "auto", embargo: "", preflight: "off" }), { preflight: false });
  assert.deepEqual(rulesWords({ release: "digest", embargo: true, preflight: false }), [
    "in digests alone",
    "what is dated ahead waits for its time",
    "does not look at each page before it goes out",
  ]);
  assert.throws(() => changeRules({}, { release: "never" }), /--release is auto, review or digest; "never" is none/);
  assert.throws(() => changeRules({}, { preflight: "yes" }), /--preflight is on or off; "yes" is neither/);
  assert.throws(() => changeRules({}, { breaking: ["never", "x"] }), /stands alone/);
  assert.throws(() => changeRules({}, { exclude: ["pattern:/a(?=b)/"] }), /looks ahead/);
});
