import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import type { Chat, ChatKind } from "#core/model";
import { masked, shown } from "#src/cli/chats/say";
import { createLog } from "#src/log";
import { openStore } from "#store/open";
import { article } from "#tests/fakes/newsroom";
import { createPlace, type Place, processEnv } from "#tests/journeys/crier";

const runner = `import { chats } from ${JSON.stringify(path.resolve(import.meta.dirname, "../src/cli/chats.ts"))};
process.exitCode = await chats(process.argv.slice(1));`;

/** `crier chats` as a process of its own, beside others that use the same store. */
suite("crier chats", { timeout: 300_000 }, () => {
  let place: Place;
  let noa: Chat;
  let readers: Chat;
  let phone: Chat;

  const run = (args: string[], env: Record<string, string> = {}): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", runner, "--", ...args],
        { cwd: place.folder, timeout: 60_000, env: { ...processEnv, DATA_DIR: place.dataDir, ...env } },
        (error, out, wrong) => resolve({ code: error ? Number(error.code) : 0, said: `${out}${wrong}` }),
      );
    });
  const good = async (...args: string[]): Promise<string> => {
    const { code, said } = await run(args);
    assert.equal(code, 0, said);
    return said;
  };
  const withStore = async <T>(work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>): Promise<T> => {
    const store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    return work(store).finally(() => store.close());
  };
  const decided = (chat: Chat) => withStore((store) => store.subscriptions.preferences(chat.id));

  before(async () => {
    place = await createPlace();
  });
  after(() => place.remove());

  test("without a chat, and asked for help, it says how to begin", async () => {
    assert.equal(await good(), "No chat is known yet: one is when somebody writes to a bot, or adds it to a group.\n");
    assert.deepEqual(JSON.parse(await good("--json")), []);
    assert.match(await good("--help"), /set CHAT WHAT .*\n[\s\S]*--mute/);
  });

  test("every chat is listed with what it gets, its address masked unless asked for", async () => {
    await withStore(async (store) => {
      const now = new Date();
      await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
      const [feed] = await store.feeds.list();
      assert.ok(feed);
      await store.articles.add(feed.id, article("One", { topics: ["Sport", "ספורט"] }), { link: null, terms: [] }, now);
      const open = async (platform: string, address: string, kind: ChatKind, title: string | null) =>
        (await store.chats.open({ platform, address, kind }, title, now)).chat;
      noa = await open("telegram", "123456789", "private", "Noa");
      readers = await open("whatsapp", "120363000000000555@g.us", "group", "Bell readers");
      phone = await open("whatsapp", "972502222222@c.us", "private", "+972 50-222-2222");
      const left = await open("telegram", "-100777", "group", "Left\u001b[2J\nbehind");
      for (const chat of [noa, readers]) await store.subscriptions.begin(chat.id, now);
      await store.chats.close(left.id, "The bot was removed from the chat.", now);
    });
    const list = await good();
    assert.match(list, /^ID +PLATFORM +KIND +SINCE +ADDRESS +TITLE\n/);
    assert.match(list, /\n1 +telegram +private +\S.* •••789 +Noa\n +Gets every article\.\n/);
    assert.match(list, /\n2 +whatsapp +group +\S.* •••555 +Bell readers\n/);
    assert.match(list, /\n3 +whatsapp +private +– +•••222 +•••222\n +Not subscribed: nothing comes there\.\n/);
    assert.match(list, /\n4 .*Left \[2J behind\n +Closed: The bot was removed/);
    for (const open of [list, await good("--json"), await good("show", "3"), await good("show", "3", "--json")]) {
      assert.ok(!/2222222|123456789|222-2222/.test(open), open);
    }
    const bare = await good("--addresses");
    assert.match(bare, /972502222222@c\.us +\+972 50-222-2222\n/);
    assert.equal(JSON.parse(await good("list", "--json", "--addresses"))[0].address, "123456789");
  });

  test("a chat is decided for and shown, by id, title, address or phone number", async () => {
    assert.match(
      await good("set", "noa", "--topics", "sport,ספורט", "--follow", "north quay", "--mute", "horoscope"),
      /^Chat 1, Noa: Gets articles on Sport or ספורט, or with “north quay”\. Nothing with “horoscope”\.\n$/,
    );
    await good(
      "set",
      "123456789",
      "--language",
      "Hebrew,en",
      "--silent",
      "on",
      "--style",
      "brief",
      "--feeds",
      "bell.example",
    );
    assert.deepEqual(await decided(noa), {
      feeds: [1],
      topics: ["Sport", "ספורט"],
      follows: ["north quay"],
      mutes: ["horoscope"],
      languages: ["en", "he"],
      silent: true,
      template: "brief",
    });
    assert.match(
      await good("show", "Noa"),
      /^Chat 1, Noa: private on telegram, address •••789\.\nSubscribed .*\.\nGets articles on Sport .*Only in English or Hebrew\. Only from bell\.example\./,
    );
    await good("set", "1", "--mute", "", "--silent", "off", "--topics", "all", "--feeds", "", "--language", "");
    assert.deepEqual(await decided(noa), { follows: ["north quay"], template: "brief" });
    assert.match(await good("set", "1", "--clear"), /Gets every article\./);
    assert.match(await good("show", "+972 50-222-2222"), /^Chat 3, •••222: private on whatsapp/);
    assert.match(
      await good("set", "Bell readers", "--topics", "Spotr"),
      /Gets articles on Spotr\.\nNo article of the last month has the topic “Spotr”\. Did you mean Sport\?/,
    );
  });

  test("a chat's hours are decided as in the chat itself, and planned at once", async () => {
    assert.match(
      await good(
        "set",
        "1",
        "--digest",
        "daily at 8",
        "--quiet",
        "22-7",
        "--quiet",
        "breaking on",
        "--sabbath",
        "New York",
      ),
      /^Chat 1, Noa: Gets every article\. In a digest every day at 08:00, breaking news at once\. Quiet from 22:00 to 07:00 and on Sabbath and holidays in New York, but for breaking news\.\n$/,
    );
    await good(
      "set",
      "1",
      "--digest",
      "both 18:30",
      "--limit",
      "5",
      "--zone",
      "new york",
      "--sabbath",
      "40.71, -74.01",
    );
    assert.deepEqual((await decided(noa)).hours, {
      delivery: "both",
      digest: { every: "day", at: ["18:30"] },
      quiet: { from: "22:00", to: "07:00" },
      sabbath: "40.71,-74.01",
      breaking: true,
      perHour: 5,
      zone: "America/New_York",
    });
    assert.deepEqual(await withStore((store) => store.hours.toPlan(new Date(), 10)), []);
    assert.match(
      await good("show", "1"),
      /\nGets every article\. At once, and together in a digest every day at 18:30\./,
    );
    assert.match(await good("list"), /Times are those of America\/New_York\./);
    assert.equal(JSON.parse(await good("show", "1", "--json")).preferences.hours.perHour, 5);
    await good("set", "1", "--quiet", "", "--sabbath", "off", "--limit", "", "--digest", "off");
    assert.deepEqual(await decided(noa), { hours: { zone: "America/New_York" } });
    assert.match(await good("set", "1", "--clear"), /Gets every article\.\n$/);
    assert.deepEqual(await decided(noa), {});
  });

  test("two chats are linked and decide the same, until one is unlinked", async () => {
    await good("set", "1", "--mute", "horoscope");
    assert.match(
      await good("link", "1", "3"),
      /^Chat 3, •••222, decides the same as chat 1 from now on\. Gets every article\. Nothing with “horoscope”\.\n$/,
    );
    assert.match(await good("set", "3", "--topics", "Sport"), /\nThe same goes for 1 linked chat\.\n$/);
    assert.deepEqual(await decided(noa), { topics: ["Sport"], mutes: ["horoscope"] });
    assert.match(await good("show", "1"), /\nChat 3, •••222, decides the same: private on whatsapp\.\n$/);
    assert.equal(JSON.parse(await good("show", "1", "--json")).linked[0].address, "•••222");
    assert.match(await good("unlink", "1"), /^Chat 1, Noa, decides for itself again\./);
    assert.match(await good("unlink", "1"), /was linked with no other/);
    await good("set", "1", "--clear");
    assert.deepEqual(await decided(phone), { topics: ["Sport"], mutes: ["horoscope"] });
  });

  test("asked wrongly it ends with 2, and with 1 where there is no such chat; nothing is changed", async () => {
    await withStore(async (store) => {
      await store.chats.open({ platform: "whatsapp", address: "1@c.us", kind: "private" }, "NOA", new Date());
    });
    const wrong: [args: string[], code: number, said: RegExp][] = [
      [["toString"], 2, /no command "chats toString"/],
      [["show"], 2, /Name one chat/],
      [["set", "1"], 2, /Say what is to be set/],
      [["set", "1", "--silent", "perhaps"], 2, /--silent is on or off/],
      [["set", "1", "--style", "long"], 2, /--style is full or brief/],
      [["set", "1", "--language", "xx"], 2, /--language 'xx' is no language/],
      [["set", "1", "--feeds", "gull"], 2, /no feed gull/],
      [["set", "1", "--mute", Array.from({ length: 51 }, (_, index) => `w${index}`).join()], 2, /50 of them at most/],
      [
        ["set", "1", "--digest", "someday"],
        2,
        /“someday” says nothing about a digest\. .* --digest 'daily 08:00, 18:00'/,
      ],
      [["set", "1", "--quiet", "22-7", "--sabbath", "Atlantis"], 2, /no place “Atlantis”/],
      [["set", "1", "--frob"], 2, /--frob/],
      [["link", "1"], 2, /Name two chats/],
      [["link", "1", "123456789"], 1, /are the same chat/],
      [["show", "nobody"], 1, /no chat nobody\. “crier chats” lists/],
      [["show", "noa"], 1, /noa names 2 chats: give an id, 1 \(telegram\) or 5 \(whatsapp\)/],
    ];
    const answers = [];
    for (const [args] of wrong) answers.push(await run(args));
    for (const [index, { code, said }] of answers.entries()) {
      assert.equal(code, wrong[index]?.[1], said);
      assert.match(said, wrong[index]?.[2] ?? /never/);
    }
    const settings = await run(["list"], { PORT: "x" });
    assert.equal(settings.code, 2);
    assert.match(settings.said, /PORT must be/);
    assert.deepEqual(await decided(noa), {});
  });

  test("what is masked tells nobody a number", () => {
    assert.equal(masked("972501234567@c.us"), "•••567");
    assert.equal(masked("-1001234567:12"), "•••:12");
    assert.equal(masked("@bell"), "•••ell");
    const chat: Chat = {
      id: 1,
      platform: "whatsapp",
      address: "972501234567@c.us",
      kind: "private",
      title: "~ 050 1234567",
    };
    assert.equal(shown(chat, false).title, "•••567");
    assert.equal(shown({ ...chat, title: "Noa 2" }, false).title, "Noa 2");
    assert.equal(shown({ ...chat, title: null }, false).title, null);
    assert.equal(shown(chat, true), chat);
    assert.equal(readers.title, "Bell readers");
  });
});
