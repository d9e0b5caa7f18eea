import assert from "node:assert/strict";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, shownIn, until } from "#tests/journeys/crier";

const patienceMs = 30_000;

interface Story {
  title: string;
  topics: string[];
}

/** Readers who want different things of one newsroom, through Crier as its own process. */
suite("what each chat wants", { timeout: 200_000 }, () => {
  let telegram: TelegramSimulator;
  let wire: Awaited<ReturnType<typeof tapped>>;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;
  let place: Place;
  let crier: RunningCrier;
  let stories: Story[] = [{ title: "An old story", topics: ["Sport", "Economy", "ספורט"] }];
  const ids = { editor: "", rower: "", banker: "", tablet: "", group: 0 };

  /** Publishes beside what is there, the newest first. */
  const publish = (...more: Story[]): string => {
    stories = [...more.toReversed(), ...stories];
    const items = stories.map(({ title }) => ({
      title,
      summary: `What there is to say of: ${title}.`,
      link: `https://bell.example/${encodeURIComponent(title)}`,
    }));
    const feed = stories.reduce(
      (text, { title, topics }) =>
        text.replace(
          `<title>${title}</title>`,
          `<title>${title}</title>${topics.map((topic) => `<category>${topic}</category>`).join("")}`,
        ),
      rss(items),
    );
    return feeds.put("/feed", "application/rss+xml; charset=utf-8", feed);
  };
  const shows = (chat: number | string): string[] => shownIn(telegram.phone, chat);
  const got = (chat: number | string, title: string): boolean => shows(chat).some((text) => text.includes(title));
  /** Which of all stories a chat got. */
  const titles = (chat: number | string): string[] =>
    stories.map(({ title }) => title).filter((title) => got(chat, title));
  /** Says a line and answers what Crier says to it. */
  const ask = async (person: string, line: string): Promise<string> => {
    const before = shows(person).length;
    telegram.say(person, person, line);
    await until(`an answer to ${line}`, () => shows(person).length > before, patienceMs);
    return shows(person).at(-1) ?? "";
  };

  before(async () => {
    telegram = await startTelegramSimulator();
    wire = await tapped(telegram.apiRoot);
    feeds = await openFeedServer();
    place = await createPlace();
    ids.editor = telegram.addPerson({ name: "Edna", isAdmin: true, started: true }).id;
    for (const name of ["rower", "banker", "tablet"] as const) ids[name] = telegram.addPerson({ name }).id;
    ids.group = telegram.addGroup({ title: "All of it", kind: "supergroup", admins: [ids.editor] });
    crier = place.run(["start"], {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: wire.url,
      TELEGRAM_ADMINS: ids.editor,
      FEEDS: publish(),
      FEED_INTERVAL: "1s",
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      PORT: "0",
      TIMEZONE: "UTC",
    });
    await until("the feed is read", () => feeds.readsOf("/feed") >= 2, patienceMs);
    telegram.addBot(ids.group, ids.editor);
    await until("the group is greeted", () => shows(ids.group).length === 1, patienceMs);
  });
  after(async () => {
    if (crier && crier.child.exitCode === null) await crier.end("SIGKILL");
    await place?.remove();
    await wire?.close();
    await telegram?.stop();
    await feeds?.close();
  });

  test("two readers choose, and each gets what it chose; the group gets all", async () => {
    await ask(ids.rower, "/start");
    assert.match(await ask(ids.rower, "/topics"), /· Sport\n/);
    assert.match(await ask(ids.rower, "/topics sprot"), /Did you mean Sport/);
    assert.match(await ask(ids.rower, "/topics sport"), /^You get articles on Sport\./);
    await ask(ids.banker, "/start");
    assert.match(await ask(ids.banker, "/mute horoscope, חשיפה"), /Nothing with “horoscope” or/);
    assert.match(await ask(ids.banker, "/style brief"), /Headline and link only\./);
    assert.match(await ask(ids.banker, "/silent on"), /Without a sound/);

    publish(
      { title: "Rowers win the regatta", topics: ["Sport"] },
      { title: "Prices of fish rise", topics: ["Economy"] },
      { title: "Horoscope for rowers", topics: ["Sport"] },
      { title: "החשיפה: מי חתר ראשון", topics: ["ספורט"] },
      { title: "The last word of the day", topics: ["Sport", "Economy"] },
    );
    for (const chat of [ids.rower, ids.banker, ids.group]) {
      await until("the last story is there", () => got(chat, "The last word"), patienceMs);
    }
    assert.deepEqual(titles(ids.rower).sort(), [
      "Horoscope for rowers",
      "Rowers win the regatta",
      "The last word of the day",
    ]);
    assert.deepEqual(titles(ids.banker).sort(), [
      "Prices of fish rise",
      "Rowers win the regatta",
      "The last word of the day",
    ]);
    assert.equal(titles(ids.group).length, 5);
  });

  test("who asked for it gets headlines without a sound; others are not changed by it", async () => {
    const said = (chat: number | string): string[] => wire.calls.filter((call) => call.includes(String(chat)));
    const silently = (chat: number | string): number =>
      said(chat).filter((call) => call.includes("The last word") && /disable_notification["=:\s]+true/.test(call))
        .length;
    assert.equal(silently(ids.banker), 1);
    assert.equal(silently(ids.rower) + silently(ids.group), 0);
    assert.ok(!shows(ids.banker).some((text) => text.includes("What there is to say of")));
    assert.ok(shows(ids.group).some((text) => text.includes("What there is to say of: The last word")));
  });

  test("a linked chat follows, and what is decided in one counts in both", async () => {
    const code = /\/link ([A-Z0-9]+)/.exec(await ask(ids.rower, "/link"))?.[1] ?? "";
    assert.match(await ask(ids.tablet, `/link ${code}`), /^Linked: .*You get articles on Sport\./);
    await ask(ids.tablet, "/start");
    assert.match(await ask(ids.tablet, "/mute gossip"), /Nothing with “gossip”/);
    publish(
      { title: "Gossip of the boat house", topics: ["Sport"] },
      { title: "The bank closes early", topics: ["Economy"] },
      { title: "Next regatta in May", topics: ["Sport"] },
    );
    for (const chat of [ids.rower, ids.tablet, ids.banker, ids.group]) {
      await until("the last story is there", () => got(chat, "Next regatta"), patienceMs);
    }
    for (const chat of [ids.rower, ids.tablet]) {
      assert.ok(!got(chat, "Gossip") && !got(chat, "The bank closes"), shows(chat).join("\n---\n"));
    }
    assert.ok(got(ids.banker, "Gossip") && got(ids.banker, "The bank closes"));
    assert.equal(titles(ids.group).length, 8);
    assert.match(await ask(ids.rower, "/settings"), /Nothing with “gossip”\.[\s\S]*\/unlink – 1 other chat/);
    assert.equal(await crier.end("SIGTERM"), 0, crier.said());
  });
});

/** A way to the Bot API that remembers what is said on it. */
async function tapped(apiRoot: string) {
  const calls: string[] = [];
  const server: Server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    calls.push(body.toString("utf8"));
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? "/", apiRoot), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
