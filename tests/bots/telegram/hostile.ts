import type { Article, Message, Span } from "#core/model";

const pieces = [
  "<b>",
  "</b>",
  "<p onclick=x>",
  "</",
  "<",
  ">",
  "&",
  "&amp;",
  "&#0;",
  "&nbsp;",
  '"',
  "'",
  "<!--",
  "]]>",
  "<a href='x'>",
  "\uD800",
  "\uDFFF",
  "👩‍👩‍👧‍👦",
  "🇮🇱",
  "é",
  "e\u0301\u0327",
  "a\u0300\u0300\u0300\u0300",
  "\u200B",
  "\u200D",
  "\u2060",
  "\uFEFF",
  "\u3164",
  "\u2800",
  "שלום",
  "مرحبا",
  "\u202E",
  "\u2066",
  "\u2067",
  "\u2069",
  "\u0000",
  "\u001B[31m",
  "\u0085",
  "\u2028",
  "\n",
  "\r\n",
  "\t",
  " ",
  "word",
  "1",
  ".",
  "! ",
  "@name",
  "#tag",
  "/start",
  'https://evil.example/?a=<b>&c="',
  "*_`~[](){}",
  "𝒳",
  "ﷺ",
  "％",
];

/** Messages that say what nobody should: tags, entities, half characters, direction marks, endless text. The same for a seed at every run. */
export function createHostile(seed: number, kind?: "digest"): () => Message {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const text = (): string => {
    const length = pick([0, 1, 2, 5, 20, 100, 700]);
    return Array.from({ length }, () => pick(pieces)).join(pick(["", "", " "]));
  };
  const long = (): string => pick([text, text, text, () => pick(pieces).repeat(pick([500, 5_000]))])();
  const link = (): string =>
    pick([
      `https://x.example/${long().slice(0, 300)}`,
      "http://[::1]/",
      text(),
      "ftp://x",
      "https://x.example/?a=1&b=2",
    ]);
  const language = (): string | null =>
    pick([null, "he", "en", "ar", "xx-not a language", "", "ru-RU", long().slice(0, 20)]);
  const span = (): Span => ({
    text: long(),
    bold: random(2) === 1,
    italic: random(2) === 1,
    strike: random(2) === 1,
    code: random(4) === 1,
    ...(random(3) === 1 ? { link: link() } : {}),
  });
  const article = (): Article => ({
    sourceId: "1",
    url: pick([null, link()]),
    title: long(),
    kicker: pick([null, long()]),
    summary: pick([null, long()]),
    text: null,
    image: pick([null, link()]),
    authors: [],
    source: long(),
    topics: Array.from({ length: random(6) }, text),
    language: language(),
    publishedAt: null,
    updatedAt: null,
    breaking: random(2) === 1,
  });
  const digest = (): Message => ({
    kind: "digest",
    occasion: pick(["hour", "quiet", "overflow"]),
    at: new Date(Date.UTC(2026, 10, 1 + random(28), random(24), random(60))),
    zone: pick(["UTC", "Asia/Jerusalem", "Pacific/Apia"]),
    sections: Array.from({ length: random(5) }, () => ({
      topic: pick([null, "Politics", long()]),
      articles: Array.from({ length: pick([0, 1, 3, 12]) }, article),
    })),
    more: pick([0, 0, 5]),
    ...(random(3) === 1 ? { corrected: { at: "14:05", article: article(), isWithdrawn: random(2) === 1 } } : {}),
  });
  return (): Message => {
    switch (kind === "digest" ? 3 : random(4)) {
      case 0:
        return {
          kind: "article",
          article: article(),
          ...(random(2) === 1 ? { correctedAt: pick(["14:05", long()]) } : {}),
        };
      case 1:
        return {
          kind: "broadcast",
          spans: Array.from({ length: pick([0, 1, 5, 300]) }, span),
          signature: pick([null, long()]),
        };
      case 2:
        return {
          kind: "notice",
          spans: Array.from({ length: pick([0, 1, 5]) }, span),
          ...(random(3) === 1 ? { picture: new Uint8Array([1]) } : {}),
        };
      default:
        return digest();
    }
  };
}
