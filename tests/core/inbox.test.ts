import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatRef, Span } from "#core/model";
import { desk, editor, group, member, privately, reader } from "#tests/core/commands-desk";

test("a reader starts, gets articles, and stops", () =>
  desk(async ({ command, said, publish }) => {
    await command("start", reader, privately);
    await command("start", reader, privately);
    assert.deepEqual(
      (await said()).map(({ text }) => text.split("\n")[0]),
      ["You will get every new article here.", "You already get every new article here."],
    );
    await publish("One");
    assert.deepEqual(
      (await said()).map(({ text }) => text),
      ["One"],
    );
    await publish("Two");
    await command("stop", reader, privately);
    await publish("Three");
    assert.deepEqual(
      (await said()).map(({ text }) => text),
      ["No more articles here. /start brings them back."],
    );
  }));

test("in a group its own admins and the editors decide, not each member", () =>
  desk(async ({ command, said, store }) => {
    await command("start", member, group);
    assert.match((await said())[0]?.text ?? "", /Only this group's admins/);
    await command("start", { ...member, governsChat: true }, group);
    const chat = await store.chats.find("fake", "-100");
    assert.ok(chat && (await store.subscriptions.has(chat.id)));
    await command("stop", member, group);
    assert.ok(await store.subscriptions.has(chat.id));
    await command("stop", { ...editor, governsChat: false }, group);
    assert.equal(await store.subscriptions.has(chat.id), false);
  }));

test("/latest shows five with their links, /help what the asker may use", () =>
  desk(async ({ command, said, publish }) => {
    await command("latest", reader, privately);
    assert.match((await said())[0]?.text ?? "", /No articles yet/);
    for (let number = 1; number <= 7; number += 1)
      await publish(`Story ${number}`, { publishedAt: new Date(number * 1000) });
    await command("latest", reader, privately);
    const [answer] = await said();
    assert.ok(answer?.content.kind === "notice");
    assert.deepEqual(
      answer.content.spans.filter(({ link }) => link).map(({ text }) => text),
      ["Story 7", "Story 6", "Story 5", "Story 4", "Story 3"],
    );
    await command("help", reader, privately);
    await command("help", editor, privately);
    const [forReader, forEditor] = await said();
    assert.ok(!forReader?.text.includes("/broadcast") && forEditor?.text.includes("/broadcast"));
  }));

test("a broadcast goes to every chat in the editor's own dress; anyone else is refused politely, and it is logged", () =>
  desk(async ({ command, said, subscribe, publish, log }) => {
    await publish("Old news");
    for (const name of ["ada", "ben"]) await subscribe(name);
    const spans: Span[] = [{ text: " " }, { text: "Bridge", bold: true }, { text: " is open. " }];
    await command("broadcast", reader, privately, spans);
    const [refusal, ...rest] = await said();
    assert.match(refusal?.text ?? "", /for the newsroom's editors/);
    assert.deepEqual(rest, []);
    assert.ok(log.lines.some(({ text }) => text.includes("refused")));
    assert.ok(!JSON.stringify(log.lines).includes("Bridge"), "the text stays out of the log");

    const desk = { ...privately, address: "1" };
    await command("broadcast", editor, desk, spans);
    const [preview, draft, ...none] = await said();
    assert.deepEqual([preview?.to, preview?.text, preview?.content.kind], ["1", "Bridge is open.", "broadcast"]);
    assert.match(draft?.text ?? "", /^Broadcast 1 is a draft: .*\n.* 2 chats on fake.*\n\/broadcast send 1 sends it/);
    assert.deepEqual(none, [], "nothing goes out unasked");
    await command("broadcast", editor, desk, [{ text: "send 1" }]);
    const all = await said();
    assert.deepEqual(
      all.map(({ to, text }) => [to, text.split("\n")[0]]),
      [
        ["1", "Going out to 2 chats on fake."],
        ["ada", "Bridge is open."],
        ["ben", "Bridge is open."],
      ],
    );
    const content = all[1]?.content;
    assert.ok(content?.kind === "broadcast");
    assert.deepEqual(
      [content.spans, content.signature],
      [[{ text: "Bridge", bold: true }, { text: " is open." }], "The Harbour Bell"],
    );
  }));

test("an empty broadcast sends nothing and says how to write one", () =>
  desk(async ({ command, said, subscribe }) => {
    await subscribe("ada");
    await command("broadcast", editor, privately, [{ text: " \n " }]);
    const all = await said();
    assert.equal(all.length, 1);
    assert.match(all[0]?.text ?? "", /\/broadcast The bridge/);
  }));

test("an event that is told twice is answered once", () =>
  desk(async ({ command, said, subscribe }) => {
    await subscribe("ada");
    for (let time = 0; time < 3; time += 1)
      await command("broadcast", editor, privately, [{ text: "Once" }], "update 7");
    assert.deepEqual(
      (await said()).map(({ text }) => text.split(":")[0]),
      ["Once", "Broadcast 1 is a draft"],
    );
    for (let time = 0; time < 3; time += 1)
      await command("broadcast", editor, privately, [{ text: "send" }], "update 8");
    assert.deepEqual(
      (await said()).map(({ text }) => text.split("\n")[0]),
      ["Going out to 1 chat on fake.", "Once"],
    );
  }));

test("an unknown command is answered in private, and left to other bots in a group", () =>
  desk(async ({ command, said }) => {
    await command("weather", reader, privately);
    await command("weather", member, group);
    const all = await said();
    assert.equal(all.length, 1);
    assert.match(all[0]?.text ?? "", /no \/weather here.*\/help/);
  }));

test("a slip in a command's name is told, and no editors' command to a reader", () =>
  desk(async ({ ask }) => {
    assert.match(await ask("/topcis"), /^There is no \/topcis here\. Did you mean \/topics\?/);
    assert.doesNotMatch(await ask("/broadcats"), /broadcast\b/);
    assert.match(await ask("/broadcats", privately, editor), /Did you mean \/broadcast\?/);
  }));

test("added to a chat that decided before, it greets with what will come", () =>
  desk(async ({ ask, inbox, said }) => {
    await ask("/mute horoscope", group, editor);
    await inbox({ kind: "joined", id: "1", chat: group, title: "Friends", by: editor });
    assert.match(
      (await said())[0]?.text ?? "",
      /^New articles come here from now on\. This group gets every article\. Nothing with “horoscope”\./,
    );
  }));

test("added by an admin it greets and posts; added by anyone else it asks for an admin and posts nothing", () =>
  desk(async ({ inbox, said, publish, told }) => {
    await inbox({ kind: "joined", id: "1", chat: group, title: "Friends", by: editor });
    assert.match((await said())[0]?.text ?? "", /Every new article comes here/);
    await publish("One");
    assert.deepEqual(
      (await said()).map(({ to, text }) => [to, text]),
      [["-100", "One"]],
    );
    const other: ChatRef = { ...group, address: "-200" };
    await inbox({ kind: "joined", id: "2", chat: other, title: "Strangers", by: reader });
    assert.match((await said())[0]?.text ?? "", /Nothing is posted here yet/);
    await publish("Two");
    assert.deepEqual(
      (await said()).map(({ to }) => to),
      ["-100"],
    );
    assert.match(told[0] ?? "", /"Strangers"/);
  }));

test("removed, it stops; added again, it goes on without what was missed", () =>
  desk(async ({ inbox, said, publish }) => {
    await inbox({ kind: "joined", id: "1", chat: group, title: "Friends", by: editor });
    await publish("One");
    await inbox({ kind: "left", chat: group, why: "Crier was removed." });
    await publish("Two");
    assert.deepEqual(await said(), []);
    await inbox({ kind: "joined", id: "2", chat: group, title: "Friends", by: editor });
    await publish("Three");
    assert.deepEqual(
      (await said()).map(({ text }) => text.split("\n")[0]),
      ["Every new article comes here from now on.", "Three"],
    );
  }));

test("a chat of the settings is subscribed once: a stop outlives the next start", () =>
  desk(async ({ inbox, command, store }) => {
    const named = { kind: "joined", id: "settings", chat: group, title: null, by: null } as const;
    await inbox(named);
    const chat = await store.chats.find("fake", "-100");
    assert.ok(chat && (await store.subscriptions.has(chat.id)));
    await command("stop", editor, group);
    await inbox(named);
    assert.equal(await store.subscriptions.has(chat.id), false);
  }));

test("a chat named in the settings keeps what waits for it when its real address is found", () =>
  desk(async ({ inbox, said, publish }) => {
    const named: ChatRef = { platform: "fake", address: "@bell", kind: "group" };
    await inbox({ kind: "joined", id: "settings", chat: named, title: null, by: null });
    await publish("One");
    await inbox({ kind: "migrated", chat: named, to: "-100" });
    assert.deepEqual(
      (await said()).map(({ to }) => to),
      ["-100"],
    );
    await inbox({ kind: "joined", id: "settings", chat: named, title: null, by: null });
    await inbox({ kind: "migrated", chat: named, to: "-100" });
    await publish("Two");
    assert.deepEqual(
      (await said()).map(({ to }) => to),
      ["-100"],
      "one chat, not two",
    );
  }));
