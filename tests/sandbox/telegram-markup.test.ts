import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { type Result, telegramWorld } from "./telegram-world.ts";

async function worldOf(t: TestContext) {
  const world = await telegramWorld(t);
  const chat_id = world.telegram.addPerson({ name: "Noa", started: true }).id;
  return {
    ...world,
    send: (text: string, parse_mode: string) => world.call<Result>("sendMessage", { chat_id, text, parse_mode }),
    refuse: (text: string, parse_mode: string) => world.refusal("sendMessage", { chat_id, text, parse_mode }),
    post: (text: string, parse_mode: string) => world.post("sendMessage", { chat_id, text, parse_mode }),
  };
}

const half =
  "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units";
const refused: [mode: string, source: string, why: string][] = [
  ["HTML", '<a href="https://a.example"/>x</a>', 'Empty attribute name in the tag "a" at byte offset 0'],
  ["HTML", "<a ", 'Empty attribute name in the tag "a" at byte offset 0'],
  ["HTML", "<constructor>x", 'Unsupported start tag "constructor" at byte offset 0'],
  ["HTML", "a &#xD83D; b", half],
  ["MarkdownV2", ">a *b\nc", "Can't find end of Bold entity at byte offset 3"],
  ["MarkdownV2", "*a\n>b*", "Can't find end of Bold entity at byte offset 5"],
  ["MarkdownV2", "a >b", "Character '>' is reserved and must be escaped with the preceding '\\'"],
  ["MarkdownV2", "![x]", "The entity must contain a tg://emoji or tg://time URL"],
  ["MarkdownV2", "![x](https://a.example)", "Invalid tg://emoji or tg://time URL specified"],
];

const taken: [mode: string, source: string, text: string, types: string][] = [
  ["HTML", "<b>x</B> <I>y</i >", "x y", "bold italic"],
  ["HTML", "<b>x</>", "x", "bold"],
  ["HTML", "&constructor; &toString &#X41; &#0; &#x41 &lt&gt;", "&constructor; &toString &#X41; &#0; A <>", ""],
  ["HTML", '<code class="language-ts">x</code>', "x", "code"],
  ["HTML", "a\tb\u0007c\u030Ad", "a b cd", ""],
  ["HTML", "a\u202E<b>b</b>", "ab", "bold"],
  ["MarkdownV2", ">q *b\n>c* d\nz", "q b\nc d\nz", "blockquote bold"],
  ["MarkdownV2", ">a||\nb", "a\nb", "expandable_blockquote"],
  ["MarkdownV2", ">a||", "a", "expandable_blockquote"],
  ["MarkdownV2", "[Noa](tg://user?id=5)", "Noa", "text_mention"],
  ["MarkdownV2", "```\na\n```\n>q", "a\n\nq", "pre blockquote"],
];

suite("markup is read as the public server reads it", { timeout: 30_000 }, () => {
  for (const [mode, source, why] of refused) {
    test(`${mode} refused: ${source}`, async (t) => {
      const { refuse } = await worldOf(t);
      assert.equal(await refuse(source, mode), `can't parse entities: ${why}`);
    });
  }
  for (const [mode, source, text, types] of taken) {
    test(`${mode} taken: ${JSON.stringify(source)}`, async (t) => {
      const { send } = await worldOf(t);
      const sent = await send(source, mode);
      assert.equal(sent.text, text);
      assert.equal((sent.entities ?? []).map(({ type }) => type).join(" "), types);
      assert.ok((sent.entities ?? []).every((entity) => entity.type !== "code" || entity.language === undefined));
    });
  }
});

/** The same numbers in every run (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

const words = ["x", "שלום", "👩‍👩‍👧", "é", "<b>", "&amp;", "a & b", '"', "'", "𝔘", "&#65;", "ö "];
const tags: [tag: string, type: string][] = [
  ["b", "bold"],
  ["i", "italic"],
  ["u", "underline"],
  ["s", "strikethrough"],
  ["tg-spoiler", "spoiler"],
];
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? "&quot;");

test("whatever is escaped and dressed comes back as text and as entities over the same words", async (t) => {
  const { send } = await worldOf(t);
  const roll = dice(20_261);
  for (let round = 0; round < 150; round += 1) {
    let text = "";
    const dressed: string[] = [];
    const grow = (depth: number): string => {
      const [tag, type] = tags[depth] ?? ["b", "bold"];
      const start = text.length;
      const word = words[roll(words.length)] ?? "x";
      text += `(${word})`;
      const inner = `(${escape(word)})${depth < 4 && roll(2) === 0 ? grow(depth + 1) : ""}`;
      dressed.push(`${type} ${text.slice(start)}`);
      return `<${tag}>${inner}</${tag}>`;
    };
    const source = Array.from({ length: 1 + roll(4) }, () => grow(roll(3))).join("");
    const sent = await send(source, "HTML");
    assert.equal(sent.text, text, source);
    const found = (sent.entities ?? []).map(
      ({ type, offset, length }) => `${type} ${text.slice(offset, offset + length)}`,
    );
    assert.deepEqual(found.sort(), dressed.sort(), source);
  }
});

test("no source makes the server fail: it is taken or refused in its words", async (t) => {
  const { post } = await worldOf(t);
  const roll = dice(7);
  const pieces = [
    "<",
    ">",
    "/",
    "b",
    "a href=",
    '"',
    "'",
    "&",
    "#x",
    ";",
    "=",
    "\\",
    "*",
    "_",
    "[",
    "](",
    ")",
    "`",
    "|",
    "\n>",
    "é",
    "👍",
  ];
  for (let round = 0; round < 300; round += 1) {
    const source = Array.from({ length: 1 + roll(14) }, () => pieces[roll(pieces.length)] ?? "").join("");
    const response = await post(source, roll(2) === 0 ? "HTML" : "MarkdownV2");
    const { description = "" } = (await response.json()) as { description?: string };
    assert.ok(response.status === 200 || response.status === 400, `${JSON.stringify(source)}: ${response.status}`);
    if (response.status === 400)
      assert.match(description, /^Bad Request: (can't parse entities: |text must be non-empty$)/);
  }
});
