import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { renderWhatsApp } from "#bots/whatsapp/format";
import { spansFromMarks } from "#bots/whatsapp/marks";
import type { Span } from "#core/model";
import { workedMs } from "#tests/fakes/cpu";

suite("an editor's marks on WhatsApp", () => {
  const cases: [string, Span[]][] = [
    ["", []],
    ["plain", [{ text: "plain" }]],
    ["a *b* c", [{ text: "a " }, { text: "b", bold: true }, { text: " c" }]],
    ["_a_, ~b~", [{ text: "a", italic: true }, { text: ", " }, { text: "b", strike: true }]],
    [
      "*a _b_*",
      [
        { text: "a ", bold: true },
        { text: "b", bold: true, italic: true },
      ],
    ],
    ["`a *b*` ```c\nd```", [{ text: "a *b*", code: true }, { text: " " }, { text: "c\nd", code: true }]],
    ["*שלום* לכם", [{ text: "שלום", bold: true }, { text: " לכם" }]],
    ["snake_case_name 2*3*4", [{ text: "snake_case_name 2*3*4" }]],
    ["* a * *b\nc* ** _", [{ text: "* a * *b\nc* ** _" }]],
    [
      "*a `b* c`*",
      [
        { text: "a ", bold: true },
        { text: "b* c", code: true, bold: true },
      ],
    ],
    [
      "see *https://x.example/a_b_*.",
      [
        { text: "see " },
        { text: "https://x.example/a_b", link: "https://x.example/a_b", bold: true },
        { text: "_", bold: true },
        { text: "." },
      ],
    ],
    ["(www.x.example)", [{ text: "(" }, { text: "www.x.example", link: "https://www.x.example" }, { text: ")" }]],
    ["https://x.example/a_(b)", [{ text: "https://x.example/a_(b)", link: "https://x.example/a_(b)" }]],
  ];
  for (const [text, spans] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(spansFromMarks(text), spans));
  }

  test("are read again as they were written", () => {
    const spans: Span[] = [
      { text: "Hello " },
      { text: "all", bold: true },
      { text: ", see " },
      { text: "this ", italic: true },
      { text: "one", italic: true, strike: true },
      { text: " at " },
      { text: "https://x.example/a_b?c=d", link: "https://x.example/a_b?c=d" },
      { text: " or " },
      { text: "x = 1", code: true },
      { text: "\nשלום ל־" },
      { text: "כולם", bold: true, italic: true, strike: true },
      { text: "." },
    ];
    const { content } = renderWhatsApp({ kind: "broadcast", spans, signature: null }, "x").payload;
    assert.deepEqual(spansFromMarks(content), spans);
  });

  test("in any number are read in no time", () => {
    const started = workedMs();
    for (const text of ["*a ", "*_~", "`", "```", "_a_ ", "https://", "*a\n", "(*a_ ~b "]) {
      const long = text.repeat(65_536 / text.length);
      const shown = spansFromMarks(long)
        .map((span) => span.text)
        .join("");
      assert.ok(shown.length > 0 && shown.length <= long.length);
    }
    assert.ok(workedMs() - started < 5_000);
  });
});
