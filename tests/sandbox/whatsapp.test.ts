import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import type { Chat, Client, GroupChat, GroupNotification, Message } from "whatsapp-web.js";
import whatsapp from "whatsapp-web.js";
import type { PhoneMessage } from "../../src/sandbox/phone.ts";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "../../src/sandbox/whatsapp/simulator.ts";
import { createProfile, noBrowser, type Profile } from "./whatsapp-browser.ts";

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const waits = { waitUntilMsgSent: true };

/** The next event's first argument. */
async function next<T>(client: Client, event: string): Promise<T> {
  const [value] = (await once(client, event)) as [T];
  return value;
}

/** The next change of a message on the phone that fits. */
function shown(simulator: WhatsAppSimulator, fits: (message: PhoneMessage) => boolean): Promise<PhoneMessage> {
  return new Promise((resolve) => {
    const end = simulator.phone.watch((message) => {
      if (!fits(message)) return;
      end();
      resolve(message);
    });
  });
}

/** The library's types nest this one level deeper than it is. */
const codeOf = (added: unknown, person: string): number | undefined =>
  (added as Record<string, { code: number }>)[person]?.code;

describe("whatsapp-web.js drives the simulated WhatsApp Web", { skip: noBrowser, timeout: 150_000 }, () => {
  let simulator: WhatsAppSimulator;
  let profile: Profile;
  let client: Client;
  let group: string;
  let dana: string;
  let noa: string;

  const ledgerTexts = (): string[] => simulator.ledger().map(({ text }) => text);
  const groupChat = async (id: string): Promise<GroupChat> => (await client.getChatById(id)) as GroupChat;
  const last = (chat: string): PhoneMessage => {
    const message = simulator.phone.messages(chat).at(-1);
    assert.ok(message);
    return message;
  };

  before(async () => {
    simulator = await startWhatsAppSimulator();
    profile = await createProfile();
    dana = simulator.addPerson({ number: "972555000001", name: "Dana Levi", isAdmin: true }).id;
    noa = simulator.addPerson({ number: "972555000002", name: "Noa Bar", isHidden: true }).id;
    group = simulator.addGroup({ title: "Morning News", admins: [dana], members: [noa] });
    client = profile.client(simulator);
  });

  after(async () => {
    await client.destroy().catch(() => {});
    await simulator.stop();
    await profile.remove();
  });

  it("shows a QR code, a new one when the old is used up, and is ready once it is scanned", async () => {
    assert.throws(() => simulator.pair(), /No page shows a QR code/);
    const first = next<string>(client, "qr");
    await client.initialize();
    assert.equal(await first, simulator.currentQr());
    const second = next<string>(client, "qr");
    simulator.nextQr();
    assert.equal(await second, simulator.currentQr());
    assert.notEqual(await second, await first);
    assert.equal(simulator.isPaired(), false);

    const ready = once(client, "ready");
    simulator.pair();
    await ready;
    assert.equal(client.info.wid._serialized, "972555000100@c.us");
    assert.ok(simulator.isPaired() && simulator.connected());
    assert.equal(simulator.currentQr(), null);
  });

  it("carries a text as it is, and shows its marks on the phones", async () => {
    const text = "*חדשות הבוקר* 🎉\n_second_ line, ~old~";
    const sent = await client.sendMessage(group, text, waits);
    assert.equal(sent.ack, 1);
    assert.deepEqual(
      simulator.ledger().map(({ chat, id, text }) => ({ chat, id, text })),
      [{ chat: group, id: sent.id._serialized, text }],
    );
    assert.match(sent.id._serialized, /^true_\d+@g\.us_3EB0[0-9A-F]+_972555000100@c\.us$/);
    assert.deepEqual(last(group).runs, [
      { text: "חדשות הבוקר", bold: true },
      { text: " 🎉\n" },
      { text: "second", italic: true },
      { text: " line, " },
      { text: "old", strike: true },
    ]);
    assert.equal(last(group).author, null);
  });

  it("delivers and reads what was sent, and takes its ticks by hand too", async () => {
    const read = shown(simulator, ({ ticks }) => ticks === 3);
    const acks: number[] = [];
    const heard = (message: Message, ack: number): void => {
      if (message.body === "ticks") acks.push(ack);
    };
    client.on("message_ack", heard);
    const sent = await client.sendMessage(group, "ticks", waits);
    await read;
    while (!acks.includes(3)) await once(client, "message_ack");
    assert.deepEqual(acks, [1, 2, 3]);
    const again = next<Message>(client, "message_ack");
    simulator.ack(sent.id._serialized, 2);
    assert.equal((await again).ack, 2);
    client.off("message_ack", heard);
  });

  it("carries a picture with its caption, and gives it back", async () => {
    const picture = new whatsapp.MessageMedia("image/png", png, "front.png");
    const sent = await client.sendMessage(group, picture, { caption: "*front* page", ...waits });
    assert.ok(sent.hasMedia);
    assert.equal(sent.body, "*front* page");
    assert.equal(last(group).picture, `data:image/png;base64,${png}`);
    assert.deepEqual(last(group).runs[0], { text: "front", bold: true });
    assert.equal(simulator.ledger().at(-1)?.picture, true);
    assert.equal((await sent.downloadMedia())?.data, png);
    const edited = await sent.edit("_back_ page");
    assert.equal(edited?.body, "_back_ page");
    assert.ok(last(group).picture && last(group).editedAt);
  });

  it("refuses a picture that is none", async () => {
    const broken = new whatsapp.MessageMedia("image/png", Buffer.from("no picture").toString("base64"), "x.png");
    await assert.rejects(client.sendMessage(group, broken, waits), /could not be decoded/);
  });

  it("shows a link with its preview, or without where there is none", async () => {
    await client.sendMessage(group, "Read https://news.example/2026/the-long-road-home now", waits);
    assert.deepEqual(last(group).preview, {
      link: "https://news.example/2026/the-long-road-home",
      title: "The long road home",
      large: false,
      above: true,
    });
    await client.sendMessage(group, "https://news.example/a", { linkPreview: false, ...waits });
    assert.equal(last(group).preview, null);
    // Nothing listens on port 1.
    await client.sendMessage(group, "http://127.0.0.1:1/x", waits);
    assert.equal(last(group).preview, null);
  });

  it("edits within a quarter of an hour, and not after", async () => {
    const sent = await client.sendMessage(group, "first words", waits);
    const heard = next<Message>(client, "message_edit");
    assert.equal((await sent.edit("second words", { linkPreview: false }))?.body, "second words");
    assert.equal((await heard).body, "second words");
    assert.equal(simulator.ledger().at(-1)?.edited, true);
    await simulator.age(sent.id._serialized, 16 * 60_000);
    assert.equal(await sent.edit("third words", { linkPreview: false }), null);
    assert.equal(ledgerTexts().at(-1), "second words");
  });

  it("deletes for everyone within two days, and only here after", async () => {
    const sent = await client.sendMessage(group, "to be withdrawn", waits);
    const heard = next<Message>(client, "message_revoke_everyone");
    await sent.delete(true);
    assert.equal((await heard).type, "revoked");
    assert.ok(simulator.ledger().at(-1)?.deleted);
    assert.deepEqual([last(group).deleted, last(group).runs], [true, []]);
    const old = await client.sendMessage(group, "too old", waits);
    await simulator.age(old.id._serialized, 49 * 3600_000);
    await old.delete(true);
    assert.equal(simulator.ledger().at(-1)?.deleted, false);
  });

  it("hears a reader in private and answers, quoting", async () => {
    assert.ok(!simulator.phone.chats().some(({ kind }) => kind === "private"));
    const heard = next<Message>(client, "message");
    simulator.say(dana, dana, "!latest בבקשה");
    const message = await heard;
    assert.deepEqual([message.body, message.from, message.author], ["!latest בבקשה", dana, undefined]);
    const contact = await message.getContact();
    assert.deepEqual([contact.number, contact.name], ["972555000001", "Dana Levi"]);
    const answer = await message.reply("here", undefined, waits);
    assert.ok(answer.hasQuotedMsg);
    assert.equal((await answer.getQuotedMessage()).body, "!latest בבקשה");
    assert.deepEqual(
      simulator.phone.messages(dana).map(({ author }) => author?.name ?? null),
      ["Dana Levi", null],
    );
    const chat = await client.getChatById(dana);
    assert.equal(chat.unreadCount, 0);
  });

  it("hears a member in a group, hidden ones by their lid", async () => {
    const heard = next<Message>(client, "message");
    simulator.say(group, noa, "from the group");
    const { from, author = "", body } = await heard;
    assert.deepEqual([from, body], [group, "from the group"]);
    assert.match(author, /@lid$/);
    const [both] = await client.getContactLidAndPhone([author]);
    assert.deepEqual(both, { lid: author, pn: noa });
    const inPrivate = next<Message>(client, "message");
    simulator.say(noa, noa, "and alone");
    assert.equal((await inPrivate).from, author);
    await client.sendMessage(noa, "answer to the number", waits);
    assert.equal(last(noa).runs[0]?.text, "answer to the number");
  });

  it("hears members come and go, and counts them", async () => {
    const avi = simulator.addPerson({ number: "972555000003", name: "Avi Cohen" }).id;
    const joined = next<GroupNotification>(client, "group_join");
    simulator.join(group, avi);
    assert.deepEqual((await joined).recipientIds, [avi]);
    assert.equal((await groupChat(group)).participants.length, 4);
    const left = next<GroupNotification>(client, "group_leave");
    simulator.leave(group, avi, dana);
    const { recipientIds, author, type } = await left;
    assert.deepEqual([recipientIds, author, type], [[avi], dana, "remove"]);
    assert.equal((await groupChat(group)).participants.length, 3);
    const updated = next<GroupNotification>(client, "group_update");
    simulator.changeGroup(group, { title: "Evening News" });
    assert.equal((await updated).chatId, group);
    assert.equal((await groupChat(group)).name, "Evening News");
    assert.throws(() => simulator.say(group, avi, "let me in"), /no member/);
  });

  it("is added to a group, writes there, and no longer once removed", async () => {
    const added = next<GroupNotification>(client, "group_join");
    const other = simulator.addGroup({ title: "Street", admins: [dana] });
    const { recipientIds, author, chatId } = await added;
    assert.deepEqual([recipientIds, author, chatId], [["972555000100@c.us"], dana, other]);
    assert.ok((await client.getChats()).some(({ name, isGroup }) => name === "Street" && isGroup));
    assert.equal((await client.sendMessage(other, "hello", waits)).ack, 1);
    const removed = next<GroupNotification>(client, "group_leave");
    simulator.removeFromGroup(other);
    assert.deepEqual((await removed).recipientIds, ["972555000100@c.us"]);
    simulator.say(other, dana, "among ourselves");
    assert.equal((await client.sendMessage(other, "still there?", waits)).ack, -1);
    const bodies = (await (await client.getChatById(other)).fetchMessages({ limit: 10 })).map(({ body }) => body);
    assert.deepEqual(bodies, ["hello", "still there?"]);
    assert.ok(!ledgerTexts().includes("still there?"));
  });

  it("lets only admins write where the group says so", async () => {
    simulator.changeGroup(group, { announce: true });
    assert.equal((await client.sendMessage(group, "unasked", waits)).ack, -1);
    assert.equal((await groupChat(group)).isReadOnly, true);
    simulator.setCrierAdmin(group, true);
    assert.equal((await client.sendMessage(group, "asked", waits)).ack, 1);
    simulator.changeGroup(group, { announce: false });
  });

  it("creates a group, fills it, and invites by a code", async () => {
    const created = await client.createGroup("Readers 1", [dana, "972555999999@c.us"]);
    assert.ok(typeof created === "object");
    const id = (created.gid as unknown as { _serialized: string })._serialized;
    assert.equal(created.participants["972555999999@c.us"]?.statusCode, 404);
    const readers = await groupChat(id);
    assert.equal(simulator.inviteCode(id), await readers.getInviteCode());
    simulator.fault({ kind: "group-full", chat: id, times: 1 });
    assert.equal(codeOf(await readers.addParticipants([noa], { sleep: 0 }), noa), 419);
    assert.equal(codeOf(await readers.addParticipants([noa], { sleep: 0 }), noa), 200);
    assert.ok(await readers.setMessagesAdminsOnly());
    assert.throws(() => simulator.say(id, noa, "quiet"), /Only admins/);
    await readers.leave();
    assert.ok(!(await groupChat(id)).participants.some(({ id }) => id._serialized === "972555000100@c.us"));
    assert.equal(await client.acceptInvite(simulator.inviteCode(id)), id);
  });

  it("carries many at once, each once and in order", async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `burst ${index}`);
    const heard: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on("message", ({ body }) => void (heard.push(body) === texts.length && resolve()));
    });
    for (const text of texts) simulator.say(dana, dana, text);
    await Promise.all([all, ...texts.map((text) => client.sendMessage(group, text, waits))]);
    client.removeAllListeners("message");
    assert.deepEqual(heard, texts);
    assert.deepEqual(ledgerTexts().slice(-texts.length).toSorted(), texts.toSorted());
  });

  it("knows nothing of strangers", async () => {
    assert.equal(await client.getNumberId("972555999999"), null);
    assert.equal(await client.getChatById("120363099999999999@g.us"), undefined);
    await assert.rejects(client.sendMessage("972555999999@c.us", "hello", waits), /No LID for user/);
  });

  it("goes wrong on demand: rejects", async () => {
    simulator.fault({ kind: "send-rejects", chat: group, times: 1 });
    await assert.rejects(client.sendMessage(group, "rejected", waits), /could not be sent/);
    await client.sendMessage(group, "accepted", waits);
    assert.ok(!ledgerTexts().includes("rejected"));
  });

  it("goes wrong on demand: arrives, and the library finds nothing", async () => {
    simulator.fault({ kind: "undefined-result", times: 1 });
    assert.equal(await client.sendMessage(group, "unfound", waits), undefined);
    assert.ok(ledgerTexts().includes("unfound"));
  });

  it("goes wrong on demand: is slow", async () => {
    simulator.fault({ kind: "send-slow", times: 1, ms: 300 });
    const arrived = shown(simulator, ({ runs }) => runs[0]?.text === "slow");
    const sending = client.sendMessage(group, "slow", waits);
    await client.sendMessage(dana, "meanwhile", waits);
    assert.ok(!ledgerTexts().includes("slow"));
    await Promise.all([arrived, sending]);
  });

  it("goes wrong on demand: arrives, and is never acknowledged", async () => {
    simulator.fault({ kind: "ack-never", times: 1 });
    const sent = await client.sendMessage(group, "unheard of");
    while (!ledgerTexts().includes("unheard of")) await shown(simulator, () => true);
    simulator.fault({ kind: "ack-never", times: 1 });
    const outcome = await Promise.race([
      client.sendMessage(group, "waited for in vain", waits),
      shown(simulator, ({ runs }) => runs[0]?.text === "waited for in vain").then(() => "only shown"),
    ]);
    assert.equal(outcome, "only shown");
    assert.equal((await client.getMessageById(sent.id._serialized))?.ack, 0);
    // The connection's end is the end of that: both are found with their acks.
    const acked = next<Message>(client, "message_ack");
    simulator.cut();
    assert.ok((await acked).ack > 0);
  });

  it("goes wrong on demand: arrives, and the page reloads in the middle", async () => {
    simulator.fault({ kind: "delivered-then-reload", times: 1 });
    const ready = once(client, "ready");
    await assert.rejects(client.sendMessage(group, "in flight", waits), /Execution context was destroyed|detached/);
    assert.equal(ledgerTexts().filter((text) => text === "in flight").length, 1);
    await ready;
    const messages = await (await client.getChatById(group)).fetchMessages({ limit: 50, fromMe: true });
    assert.ok(messages.some(({ body }) => body === "in flight"));
  });

  it("reads a chat back to its beginning after a reload, each message once", async () => {
    const ready = once(client, "ready");
    simulator.reload();
    await ready;
    const read = await (await client.getChatById(group)).fetchMessages({ limit: 500 });
    const ids = read.map(({ id }) => id._serialized);
    assert.equal(new Set(ids).size, ids.length);
    const sent = simulator.ledger().filter(({ chat }) => chat === group);
    assert.deepEqual(ids.filter((id) => id.startsWith("true_")).toSorted(), sent.map(({ id }) => id).toSorted());
  });

  it("finds its way back after a broken connection, and brings what came meanwhile", async () => {
    const states: string[] = [];
    client.on("change_state", (state) => states.push(state));
    const back = new Promise<void>((resolve) =>
      client.on("change_state", (state) => state === "CONNECTED" && resolve()),
    );
    const heard = next<Message>(client, "message");
    simulator.cut();
    simulator.say(dana, dana, "while you were gone");
    assert.equal((await heard).body, "while you were gone");
    await back;
    assert.deepEqual(states, ["TIMEOUT", "CONNECTED"]);
    await client.sendMessage(dana, "here again", waits);
  });

  it("takes its connection back when WhatsApp Web is opened elsewhere", async () => {
    const states: string[] = [];
    client.on("change_state", (state) => states.push(state));
    simulator.conflict();
    assert.equal(simulator.connected(), false);
    while (states.at(-1) !== "CONNECTED") await once(client, "change_state");
    assert.deepEqual(states, ["CONFLICT", "CONNECTED"]);
    assert.ok(simulator.connected());
  });

  it("stands still for as long as it is told to", async () => {
    const started = performance.now();
    simulator.hang(300);
    await client.sendMessage(dana, "after a pause", waits);
    assert.ok(performance.now() - started >= 300);
  });

  it("keeps its pairing over a killed browser and delivers what came meanwhile", async () => {
    const browser = client.pupBrowser?.process();
    assert.ok(browser);
    const exited = once(browser, "exit");
    browser.kill("SIGKILL");
    await exited;
    simulator.say(dana, dana, "first while away");
    simulator.say(group, dana, "second while away");
    client = profile.client(simulator);
    const ready = once(client, "ready");
    const heard: string[] = [];
    const both = new Promise<void>((resolve) =>
      client.on("message", ({ body }) => void (heard.push(body) === 2 && resolve())),
    );
    client.on("qr", () => assert.fail("asked for a pairing"));
    await client.initialize();
    await Promise.all([ready, both]);
    assert.deepEqual(heard, ["first while away", "second while away"]);
    assert.ok((await client.getChats()).some(({ id }: Chat) => id._serialized === group));
    await client.sendMessage(group, "back", waits);
  });

  it("goes wrong on demand: has synced before anybody listens, or never", async () => {
    const state = (): Promise<unknown> =>
      client.pupPage?.evaluate(
        "({ synced: require('WAWebSocketModel').Socket.hasSynced, injected: 'WWebJS' in window })",
      ) as Promise<unknown>;
    const reloaded = async (): Promise<void> => {
      const loaded = new Promise((resolve) => client.pupPage?.once("load", resolve));
      simulator.reload();
      await loaded;
      // The library listens to this last: before, it is still at work on the page.
      await client.pupPage?.evaluate("require('WAWebCmd').Cmd.listened('logout_from_bridge')");
    };
    simulator.fault({ kind: "no-sync", times: 1 });
    await reloaded();
    assert.deepEqual(await state(), { synced: false, injected: false });
    simulator.fault({ kind: "early-sync", times: 1 });
    await reloaded();
    assert.deepEqual(await state(), { synced: true, injected: false });
    const ready = once(client, "ready");
    await client.pupPage?.evaluate("window.onAppStateHasSyncedEvent()");
    await ready;
    await client.sendMessage(group, "woken", waits);
  });

  it("is logged out from the phone, and can be paired anew", async () => {
    client.removeAllListeners("qr");
    const reason = next<string>(client, "disconnected");
    const code = next<string>(client, "qr");
    simulator.logoutFromPhone();
    assert.equal(await reason, "LOGOUT");
    assert.equal(await code, simulator.currentQr());
    assert.equal(simulator.isPaired(), false);
    const ready = once(client, "ready");
    simulator.pair();
    await ready;
    await client.sendMessage(group, "paired anew", waits);
  });

  it("lacks no module of what the library asked for, and tells of one that it lacks", async () => {
    assert.deepEqual(simulator.missingModules(), []);
    await assert.rejects(client.pupPage?.evaluate("require('WAWebNowhere')") ?? Promise.resolve(), /unknown module/);
    while (simulator.missingModules().length === 0) await client.getState();
    assert.deepEqual(simulator.missingModules(), ["WAWebNowhere"]);
  });

  it("logs itself out", async () => {
    await client.logout();
    assert.equal(simulator.isPaired(), false);
    assert.equal(simulator.connected(), false);
  });
});

describe("a simulator that pairs by itself", { skip: noBrowser, timeout: 60_000 }, () => {
  it("reaches ready without a hand", async (t) => {
    const simulator = await startWhatsAppSimulator({ autoPair: true, syncDelayMs: 20, number: "972555000200" });
    const profile = await createProfile();
    const client = profile.client(simulator);
    t.after(async () => {
      await client.destroy();
      await simulator.stop();
      await profile.remove();
    });
    const ready = once(client, "ready");
    await client.initialize();
    await ready;
    assert.equal(client.info.wid.user, "972555000200");
    assert.deepEqual(simulator.missingModules(), []);
  });
});
