import assert from "node:assert/strict";
import { test } from "node:test";
import type { PhoneRun } from "../../src/sandbox/phone.ts";
import { parseMarks } from "../../src/sandbox/whatsapp/marks.ts";

const cases: [string, PhoneRun[]][] = [
  ["plain", [{ text: "plain" }]],
  [
    "*bold* _italic_ ~gone~",
    [
      { text: "bold", bold: true },
      { text: " " },
      { text: "italic", italic: true },
      { text: " " },
      { text: "gone", strike: true },
    ],
  ],
  ["*_both_*", [{ text: "both", bold: true, italic: true }]],
  ["*שלום, עולם*\n🎉_חג_", [{ text: "שלום, עולם", bold: true }, { text: "\n🎉" }, { text: "חג", italic: true }]],
  ["2*3*4 and snake_case_name", [{ text: "2*3*4 and snake_case_name" }]],
  ["a * b * c, *open", [{ text: "a * b * c, *open" }]],
  ["*no\nline break*", [{ text: "*no\nline break*" }]],
  ["** and __", [{ text: "** and __" }]],
  ["ש*לא*", [{ text: "ש*לא*" }]],
  ["(*in*)", [{ text: "(" }, { text: "in", bold: true }, { text: ")" }]],
  ["```a *b*\nc``` `d_e_`", [{ text: "a *b*\nc", code: true }, { text: " " }, { text: "d_e_", code: true }]],
  [
    "read https://example.com/a_b_/*x*?q=1_2_.",
    [
      { text: "read " },
      { text: "https://example.com/a_b_/*x*?q=1_2", link: "https://example.com/a_b_/*x*?q=1_2" },
      { text: "_." },
    ],
  ],
  ["*www.example.com*", [{ text: "www.example.com", bold: true, link: "https://www.example.com" }]],
  [
    "https://a.example https://b.example",
    [
      { text: "https://a.example", link: "https://a.example" },
      { text: " " },
      { text: "https://b.example", link: "https://b.example" },
    ],
  ],
  ["", []],
];

for (const [text, runs] of cases) {
  test(`marks of ${JSON.stringify(text)}`, () => assert.deepEqual(parseMarks(text), runs));
}

test("no text loses a character that is not a mark", () => {
  const odd = "🇮🇱👩‍👩‍👧 *a_b* `` ``` * _ ~ \u2067אב*ג*\u2069 ~~ *_~x~_*";
  const shown = parseMarks(odd)
    .map(({ text }) => text)
    .join("");
  assert.equal(shown.replaceAll(/[*_~`]/g, ""), odd.replaceAll(/[*_~`]/g, ""));
});
