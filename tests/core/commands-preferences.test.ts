import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "#core/commands/index";
import type { ChatRef } from "#core/model";
import { desk, editor, group, member, privately } from "#tests/core/commands-desk";

const elsewhere: ChatRef = { platform: "fake", address: "55", kind: "private" };

/** A desk whose newsroom has published on some topics of late. */
const busyDesk: typeof desk = (work) =>
  desk(async (opened) => {
    await opened.publish("One", { topics: ["Sport", "Economy"] });
    await opened.publish("Two", { topics: ["Sport", "ספורט"] });
    await opened.publish("Three", { topics: ["sport"] });
    await work(opened);
  });

test("/topics lists what the newsroom writes about, the chosen ones first and marked", () =>
  busyDesk(async ({ ask, preferences }) => {
    assert.equal(
      await ask("/topics"),
      "You get every article.\n· Sport\n· Economy\n· ספורט\n\n/topics Sport, Economy chooses, /topics all takes every topic.",
    );
    assert.equal(
      await ask("/topics ECONOMY, #ספורט"),
      "You get articles on Economy or \u2068ספורט\u2069.\nNothing comes here until /start.",
    );
    assert.deepEqual(await preferences(), { topics: ["Economy", "ספורט"] });
    assert.match(await ask("/topics"), /\n✓ Economy\n✓ ספורט\n· Sport\n/);
    await ask("/start");
    assert.equal(await ask("/topics הכל"), "You get every article.\n/topics shows them.");
    assert.deepEqual(await preferences(), {});
  }));

test("/topics changes nothing where one is unknown, and says which may be meant", () =>
  busyDesk(async ({ ask, preferences, clock }) => {
    assert.equal(
      await ask("/topics Economy, Sprot"),
      "There is no topic “Sprot” here: nothing is changed. Did you mean Sport? /topics lists them.",
    );
    assert.match(
      await ask("/topics weather"),
      /^There is no topic “weather” here: nothing is changed\. \/topics lists/,
    );
    assert.deepEqual(await preferences(), {});
    await ask("/topics Economy");
    await clock.sleep(40 * 86_400_000);
    assert.match(await ask("/topics economy"), /^You get articles on Economy\./, "a chosen one stays known");
    assert.match(await ask("/topics sport"), /no topic “sport”/, "nobody wrote on it for a month");
  }));

test("where articles carry no topics /topics says what to do instead", () =>
  desk(async ({ ask }) => {
    assert.equal(await ask("/topics"), "The articles here carry no topics. /follow WORD chooses by their words.");
  }));

test("a newsroom with hundreds of topics shows the most used ones, and all can be chosen", () =>
  desk(async ({ ask, publish }) => {
    for (let number = 0; number < 50; number++) {
      await publish(`Story ${number}`, { topics: [`Topic ${number}`, ...(number < 3 ? ["Harbour"] : [])] });
    }
    const list = await ask("/topics");
    assert.match(list, /\n· Harbour\n/);
    assert.match(list, /\nand 21 more\n/);
    assert.match(await ask("/topics topic 49"), /^You get articles on Topic 49\./);
  }));

test("words are followed and muted, several between commas; the last word counts", () =>
  busyDesk(async ({ ask, preferences }) => {
    await ask("/start");
    assert.equal(await ask("/follow"), "You follow no words. Write them as in /follow ferry, north quay");
    assert.equal(
      await ask("/follow ferry, “north quay”, Ferry"),
      "You get articles with “ferry” or “north quay”.\n/unfollow WORD takes one away again.",
    );
    assert.equal(
      await ask("/mute גול, ferry"),
      "You get articles with “north quay”. Nothing with “ferry” or “\u2068גול\u2069”.\n/unmute WORD takes one away again.",
    );
    assert.deepEqual(await preferences(), { follows: ["north quay"], mutes: ["ferry", "גול"] });
    assert.match(await ask("/mute"), /^You mute: ferry, גול\.\n\/unmute WORD takes one away/);
    await ask("/topics Sport");
    await ask("/follow ferry");
    assert.deepEqual(await preferences(), { topics: ["Sport"], follows: ["ferry", "north quay"], mutes: ["גול"] });
    assert.equal(await ask("/unfollow quay"), "“quay” is not among them: nothing is changed. /follow lists them.");
    assert.match(await ask("/unfollow SPORT, ferry"), /^You get articles with “north quay”\. Nothing with/);
    assert.match(await ask("/unfollow all"), /^You get every article\. Nothing with/);
    assert.match(await ask("/unmute all"), /^You get every article\.\n/);
    assert.deepEqual(await preferences(), {});
  }));

test("a muted topic is chosen no more, and a chosen one is muted no more", () =>
  busyDesk(async ({ ask, preferences }) => {
    await ask("/topics Sport, Economy");
    await ask("/mute sport");
    assert.deepEqual(await preferences(), { topics: ["Economy"], mutes: ["sport"] });
    await ask("/topics Sport");
    assert.deepEqual(await preferences(), { topics: ["Sport"] });
  }));

test("too much and too long is refused in a sentence, and nothing is changed", () =>
  desk(async ({ ask, preferences }) => {
    const fifty = Array.from({ length: 50 }, (_, index) => `w${index}`).join(", ");
    await ask(`/mute ${fifty}`);
    assert.match(await ask("/mute w0, w1"), /^You get every article/);
    assert.equal(await ask("/mute one more"), "A chat can name 50 of them at most: nothing is changed.");
    assert.match(await ask(`/mute ${"long ".repeat(20)}`), /^“long .*…” has more than 60 characters: put a comma/);
    assert.equal((await preferences())?.mutes?.length, 50);
    assert.match(await ask("/mute \u0301, ,\u200f ,"), /^You mute: w0, /, "what says nothing is as good as nothing");
  }));

test("languages are chosen by tag or name", () =>
  desk(async ({ ask, preferences }) => {
    assert.match(await ask("/language"), /^You get every article\.\n\/language he, en chooses languages/);
    assert.match(await ask("/language עברית, en"), /^You get every article\. Only in English or Hebrew\./);
    assert.deepEqual(await preferences(), { languages: ["en", "he"] });
    assert.equal(
      await ask("/language he, klingonish"),
      "“klingonish” is no language: write it as in /language he, English",
    );
    assert.deepEqual(await preferences(), { languages: ["en", "he"] });
    assert.match(await ask("/language все"), /^You get every article\.\n/);
  }));

test("feeds are chosen by number or name, once there are several", () =>
  desk(async ({ ask, store, clock, feed, preferences }) => {
    assert.equal(await ask("/feeds"), "There is one feed here, bell.example: every article comes from it.");
    assert.doesNotMatch(await ask("/help"), /\/feeds/);
    const { feed: gull } = await store.feeds.add(
      { kind: "feed", address: "https://key:secret@gull.example/x?k=1" },
      clock.now(),
    );
    await store.feeds.read(feed.id, { at: clock.now(), nextAt: clock.now(), title: "The Harbour Bell" });
    assert.match(await ask("/help"), /\/feeds/);
    assert.equal(
      await ask("/feeds"),
      "You get every article.\n· 1. The Harbour Bell\n· 2. gull.example\n\n/feeds 1, 2 chooses, /feeds all takes every feed.",
    );
    assert.match(await ask("/feeds 2"), /Only from gull\.example\./);
    assert.deepEqual(await preferences(), { feeds: [gull.id] });
    assert.match(await ask("/feeds the harbour bell"), /Only from The Harbour Bell\./);
    assert.match(await ask("/feeds harbour"), /no feed “harbour” here: nothing is changed/);
    assert.match(await ask("/feeds gul.example"), /Did you mean gull\.example\?/);
    assert.match(await ask("/feeds 3"), /no feed “3”/);
    assert.deepEqual(await preferences(), { feeds: [feed.id] });
    await store.feeds.remove(feed.id);
    assert.match(await ask("/settings"), /Only from a feed that ended\./);
    assert.match(await ask("/feeds all"), /^You get every article\.\n/);
  }));

test("sound and style are switched, and asked for", () =>
  desk(async ({ ask, preferences }) => {
    assert.match(await ask("/silent"), /^Articles come with a sound\. \/silent on/);
    assert.match(await ask("/silent ON"), /Without a sound/);
    assert.match(await ask("/silent"), /^Articles come without a sound/);
    assert.equal(await ask("/silent perhaps"), "Write /silent on or /silent off.");
    assert.match(await ask("/style brief"), /Headline and link only\./);
    assert.match(await ask("/style"), /^Articles come as headline and link\./);
    assert.equal(await ask("/style long"), "Write /style full or /style brief.");
    assert.deepEqual(await preferences(), { silent: true, template: "brief" });
    await ask("/silent нет");
    await ask("/style full");
    assert.deepEqual(await preferences(), {});
  }));

test("/settings says all of it and how each is changed; /reset takes it back and ends no subscription", () =>
  busyDesk(async ({ ask, store, preferences }) => {
    await ask("/start");
    await ask("/topics Sport");
    await ask("/mute horoscope");
    await ask("/silent on");
    assert.equal(
      await ask("/settings"),
      [
        "You get articles on Sport. Nothing with “horoscope”. Without a sound, where the platform can.",
        "",
        "/topics – 1 chosen",
        "/follow – none",
        "/mute – 1 muted",
        "/language – all",
        "/digest – off",
        "/quiet – off",
        "/sabbath – off",
        "/limit – off",
        "/zone – Asia/Jerusalem",
        "/silent off – sound on",
        "/style brief – headline and link only",
        "/link – the same choices in your other chat",
        "/reset – every article at once, as at the beginning",
      ].join("\n"),
    );
    assert.match(await ask("/reset"), /^You get every article\.\n/);
    assert.deepEqual(await preferences(), {});
    const chat = await store.chats.find("fake", privately.address);
    assert.ok(chat && (await store.subscriptions.has(chat.id)));
  }));

test("in a group its own admins and the editors decide; each member may look", () =>
  busyDesk(async ({ ask, preferences }) => {
    const lines = [
      "/topics Sport",
      "/follow x",
      "/unfollow x",
      "/mute x",
      "/unmute all",
      "/language he",
      "/silent on",
      "/style brief",
      "/reset",
    ];
    for (const line of lines) {
      assert.equal(await ask(line, group, member), "Only this group's admins can change what comes here.", line);
    }
    assert.deepEqual(await preferences(group), {});
    assert.match(await ask("/topics", group, member), /^This group gets every article\.\n· Sport/);
    assert.match(
      await ask("/topics Sport", group, { ...member, governsChat: true }),
      /^This group gets articles on Sport\./,
    );
    assert.match(await ask("/reset", group, { ...editor, governsChat: false }), /^This group gets every article\./);
  }));

test("a code links two private chats, which decide the same until one leaves", () =>
  busyDesk(async ({ ask, preferences, clock }) => {
    await ask("/topics Sport");
    const offer = await ask("/link");
    const code = /\/link ([A-Z0-9]{8}) or !link \1,/.exec(offer)?.[1] ?? "";
    assert.ok(code, offer);
    assert.match(await ask("/link WRONG", elsewhere), /^This code does not fit/);
    assert.match(await ask(`/link ${code} please, now`, elsewhere), /^This code does not fit/);
    assert.match(
      await ask(`/link ${code.toLowerCase()}`, elsewhere),
      /^Linked: both chats decide the same from now on\. You get articles on Sport\.\n\/start begins it here\./,
    );
    await ask("/mute horoscope", elsewhere);
    assert.deepEqual(await preferences(), { topics: ["Sport"], mutes: ["horoscope"] });
    assert.match(await ask("/settings"), /\n\/unlink – 1 other chat\n/);
    assert.match(await ask(`/link ${code}`, { ...elsewhere, address: "56" }), /^This code does not fit/, "once only");
    assert.match(await ask("/unlink"), /^This chat decides for itself again\./);
    assert.match(await ask("/unlink"), /^This chat is linked with no other\./);
    await ask("/reset");
    assert.deepEqual(await preferences(elsewhere), { topics: ["Sport"], mutes: ["horoscope"] });

    const late = /\/link ([A-Z0-9]{8})/.exec(await ask("/link"))?.[1] ?? "";
    await clock.sleep(10 * 60_000);
    assert.match(await ask(`/link ${late}`, elsewhere), /older than 10 minutes/);
  }));

test("a group is not linked, and gives away no code", () =>
  desk(async ({ ask }) => {
    assert.equal(await ask("/link", group, editor), "A group decides for itself: only chats in private are linked.");
    const code = /\/link ([A-Z0-9]{8})/.exec(await ask("/link"))?.[1] ?? "";
    assert.match(await ask(`/link ${code}`, group, editor), /only chats in private are linked/);
    assert.match(await ask("/unlink", group, editor), /^A group decides for itself/);
  }));

test("/start tells who decided before what will come", () =>
  busyDesk(async ({ ask }) => {
    await ask("/topics Sport");
    assert.match(await ask("/start"), /^New articles come here from now on\. You get articles on Sport\.\n/);
    assert.match(await ask("/start"), /^New articles come here already\. You get articles on Sport\.\n/);
    await ask("/reset");
    assert.match(await ask("/start"), /^You already get every new article here\.\n/);
  }));

test("the help is grouped, and each of its lines fits a phone", () =>
  desk(async ({ ask }) => {
    const lines = (await ask("/help")).split("\n");
    assert.deepEqual(
      lines.filter((line) => line !== "" && !line.startsWith("/")),
      ["What comes", "When it comes", "How it comes"],
    );
    for (const line of lines) assert.ok(line.length <= 44, line);
    assert.match(await ask("/help", privately, editor), /\n\nFor editors\n\/broadcast – /);
    // Telegram's menu takes these names and no others.
    for (const { name, summary } of commands) {
      assert.match(name, /^[a-z0-9_]{1,32}$/);
      assert.ok(summary.length > 0 && summary.length <= 256);
    }
    assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
  }));
