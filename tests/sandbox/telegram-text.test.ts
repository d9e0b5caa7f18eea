import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { PhoneRun } from "#src/sandbox/phone";
import type { TelegramSimulatorOptions } from "#src/sandbox/telegram/index";
import { telegramWorld } from "./telegram-world.ts";

async function worldOf(t: TestContext, options: TelegramSimulatorOptions = {}) {
  const world = await telegramWorld(t, options);
  const chat_id = world.telegram.addPerson({ name: "Noa", started: true }).id;
  return {
    ...world,
    chat_id,
    send: (text: string, parse_mode?: string, more: object = {}) =>
      world.call("sendMessage", { chat_id, text, ...(parse_mode ? { parse_mode } : {}), ...more }),
    refuse: (text: string, parse_mode?: string, more: object = {}) =>
      world.refusal("sendMessage", { chat_id, text, ...(parse_mode ? { parse_mode } : {}), ...more }),
  };
}

test("HTML becomes entities whose offsets count UTF-16 units", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send(
    '👋 <b>Two <i>words</i></b> &lt;&amp;&gt;&quot;&#39;&#x1F600; <a href="https://a.example/?x=1&amp;y=2">there</a>',
    "HTML",
  );
  assert.equal(sent.text, "👋 Two words <&>\"'😀 there");
  assert.deepEqual(sent.entities, [
    { type: "bold", offset: 3, length: 9 },
    { type: "italic", offset: 7, length: 5 },
    { type: "text_link", offset: 21, length: 5, url: "https://a.example/?x=1&y=2" },
  ]);
});

test("HTML's blocks and rarer tags are read", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send(
    '<pre><code class="language-ts">let x</code></pre> <code>y</code> <span class="tg-spoiler">z</span> <blockquote expandable>q</blockquote> <tg-emoji emoji-id="5368324170671202286">👍</tg-emoji> &nbsp; &copy <DEL>d</del>',
    "html",
  );
  assert.equal(sent.text, "let x y z q 👍 &nbsp; &copy d");
  assert.deepEqual(
    sent.entities?.map(({ type, language }) => (language ? `${type}:${language}` : type)),
    ["pre:ts", "code", "spoiler", "expandable_blockquote", "custom_emoji", "strikethrough"],
  );
});

test("code wears no other dress", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send("<b>a <code>b</code> c</b> <code><i>d</i></code> <i>e</i>", "HTML");
  assert.deepEqual(
    sent.entities?.map(({ type, offset, length }) => [type, offset, length]),
    [
      ["bold", 0, 2],
      ["code", 2, 1],
      ["bold", 3, 2],
      ["code", 6, 1],
      ["italic", 8, 1],
    ],
  );
});

const brokenHtml: [source: string, why: string][] = [
  ["<p>x</p>", 'Unsupported start tag "p" at byte offset 0'],
  ["é <br/>", 'Unsupported start tag "br/" at byte offset 3'],
  ["2 < 3", 'Unsupported start tag "" at byte offset 2'],
  ["a <b", "Unclosed start tag at byte offset 2"],
  ["<b>x", `Can't find end tag corresponding to start tag "b"`],
  ["<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
  ["א</b>", "Unexpected end tag at byte offset 2"],
  ["<b>x</b", "Unclosed end tag at byte offset 4"],
  ["<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  ["<a href>x</a> <a =x>", 'Empty attribute name in the tag "a" at byte offset 14'],
  ["<a href=https://x.example/>x</a>", "Unexpected end of name token at byte offset 8"],
  ['<a href="https://x.example/>x</a>', "Unclosed start tag at byte offset 0"],
  ["<a href", 'Unclosed start tag "a" at byte offset 0'],
];
for (const [source, why] of brokenHtml) {
  test(`broken HTML is refused: ${source}`, async (t) => {
    const { refuse } = await worldOf(t);
    assert.equal(await refuse(source, "HTML"), `can't parse entities: ${why}`);
  });
}

test("MarkdownV2 becomes entities", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send(
    "*b _i_* __u__ ~s~ ||p|| `c` [there](https://a.example/\\)x) 1\\.\n>quote\n```ts\nx.y```",
    "MarkdownV2",
  );
  assert.equal(sent.text, "b i u s p c there 1.\nquote\nx.y");
  assert.deepEqual(
    sent.entities?.map(({ type, offset, length }) => [type, offset, length]),
    [
      ["bold", 0, 3],
      ["italic", 2, 1],
      ["underline", 4, 1],
      ["strikethrough", 6, 1],
      ["spoiler", 8, 1],
      ["code", 10, 1],
      ["text_link", 12, 5],
      ["blockquote", 21, 5],
      ["pre", 27, 3],
    ],
  );
  assert.equal(sent.entities?.[6]?.url, "https://a.example/)x");
});

const brokenMarkdown: [source: string, why: string][] = [
  ["The end.", "Character '.' is reserved and must be escaped with the preceding '\\'"],
  ["a-b", "Character '-' is reserved and must be escaped with the preceding '\\'"],
  ["é *x", "Can't find end of Bold entity at byte offset 3"],
  ["_x", "Can't find end of Italic entity at byte offset 0"],
  ["`x", "Can't find end of Code entity at byte offset 0"],
  ["[x](https://x.example", "Can't find end of a URL at byte offset 4"],
];
for (const [source, why] of brokenMarkdown) {
  test(`broken MarkdownV2 is refused: ${source}`, async (t) => {
    const { refuse } = await worldOf(t);
    assert.equal(await refuse(source, "MarkdownV2"), `can't parse entities: ${why}`);
  });
}

test("a text's length counts code points after its markup is read, and bytes before", async (t) => {
  const { send, refuse } = await worldOf(t);
  await send(`<b>${"👋".repeat(4096)}</b>`, "HTML");
  await send(` ${"x".repeat(4096)}\n`);
  assert.equal(await refuse("👋".repeat(4097)), "message is too long");
  assert.equal(await refuse("x".repeat(32_769)), "text is too long");
  assert.equal(await refuse("א".repeat(16_385)), "text is too long");
});

test("the strict count is of UTF-16 units", async (t) => {
  const { send, refuse } = await worldOf(t, { strict16: true });
  await send("👋".repeat(2048));
  assert.equal(await refuse("👋".repeat(2049)), "message is too long");
});

test("a text must be there and say something", async (t) => {
  const { refuse, refusal, chat_id, send } = await worldOf(t);
  assert.equal(await refuse(""), "message text is empty");
  assert.equal(await refusal("sendMessage", { chat_id }), "message text is empty");
  assert.equal(await refuse(" \n\t "), "text must be non-empty");
  assert.equal(await refuse("<b> </b>", "HTML"), "text must be non-empty");
  assert.equal(await refuse("x", "Textile"), "unsupported parse_mode");
  assert.equal(await refuse("\uD800"), "strings must be encoded in UTF-8");
  const sent = await send("  <b> x </b>\n", "HTML");
  assert.equal(sent.text, "x");
  assert.deepEqual(sent.entities, [{ type: "bold", offset: 0, length: 1 }]);
});

test("what is not printed goes, and the entities move with it", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send("a\r\n\u202Eb\u0000 <b>c</b>", "HTML");
  assert.equal(sent.text, "a\nb  c");
  assert.deepEqual(sent.entities, [{ type: "bold", offset: 5, length: 1 }]);
});

test("entities past the hundredth are dropped in silence", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send("<b>x</b> ".repeat(120), "HTML");
  assert.equal(sent.entities?.length, 100);
});

test("links, names, tags and commands are found, but not within links and code", async (t) => {
  const { send } = await worldOf(t);
  const sent = await send(
    "/start@crier_bot see https://a.example/x?y=1, #news @harbour_bell me@a.example <code>#no /no</code> <a href='https://b.example'>https://c.example</a>",
    "HTML",
  );
  assert.deepEqual(
    sent.entities?.map(({ type, offset, length }) => `${type} ${sent.text?.slice(offset, offset + length)}`),
    [
      "bot_command /start@crier_bot",
      "url https://a.example/x?y=1",
      "hashtag #news",
      "mention @harbour_bell",
      "email me@a.example",
      "code #no /no",
      "text_link https://c.example",
    ],
  );
});

test("readers see the runs and the preview that were meant", async (t) => {
  const { send, telegram, chat_id } = await worldOf(t);
  await send('<b>Bold <i>both</i></b> <u>u</u><s>s</s> <a href="https://a.example/">read</a>', "HTML", {
    link_preview_options: { url: "https://b.example/p", prefer_large_media: true, show_above_text: true },
  });
  await send("https://a.example/", undefined, { link_preview_options: { is_disabled: true } });
  await send("https://a.example/");
  const [dressed, bare, shown] = telegram.phone.messages(chat_id);
  assert.deepEqual(dressed?.runs, [
    { text: "Bold ", bold: true },
    { text: "both", bold: true, italic: true },
    { text: " " },
    { text: "u", underline: true },
    { text: "s", strike: true },
    { text: " " },
    { text: "read", link: "https://a.example/" },
  ] satisfies PhoneRun[]);
  assert.deepEqual(dressed?.preview, { link: "https://b.example/p", title: null, large: true, above: true });
  assert.equal(bare?.preview, null);
  assert.deepEqual(shown?.preview, { link: "https://a.example/", title: null, large: false, above: false });
});

test("options of a preview and a keyboard must have their form", async (t) => {
  const { refuse, send } = await worldOf(t);
  const preview = (link_preview_options: unknown) => refuse("x", undefined, { link_preview_options });
  assert.equal(await preview("abc"), "can't parse link preview options JSON object");
  assert.equal(await preview([]), "object expected as link preview options");
  const button = (given: object) => refuse("x", undefined, { reply_markup: { inline_keyboard: [[given]] } });
  const unusable = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
  assert.equal(await button({ text: "Press" }), unusable);
  assert.equal(await button({ text: "Press", callback_data: "é".repeat(33) }), "BUTTON_DATA_INVALID");
  assert.equal(
    await button({ text: "Go", url: "javascript:x" }),
    "inline keyboard button URL 'javascript:x' is invalid: Wrong HTTP URL",
  );
  const reply_markup = { inline_keyboard: [[{ text: "Read", url: "https://a.example/" }]] };
  assert.deepEqual((await send("x", undefined, { reply_markup })).reply_markup, reply_markup);
});
