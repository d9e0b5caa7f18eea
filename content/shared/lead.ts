import { cut } from "#core/text";

/** What a publishing tool adds under a text, in the languages that we met it in. */
const added = [
  /^the post .{0,300} (?:appeared first|first appeared) on .{0,200}$/i,
  /^this (?:article|post|entry) .{0,300} (?:appeared first|first appeared|was originally published) (?:on|in|at) .{0,200}$/i,
  /^der beitrag .{0,300} erschien zuerst auf .{0,200}$/i,
  /^l.article .{0,300} est apparu en premier sur .{0,200}$/i,
  /^la entrada .{0,300} (?:se publicó primero en|apareció primero en) .{0,200}$/i,
  /^הפוסט .{0,300} הופיע לראשונה ב.{0,200}$/,
  /^сообщение .{0,300} (?:появились|появилось) сначала на .{0,200}$/i,
];
const invitations =
  "continue reading|keep reading|read (?:more|on|the (?:full|whole|rest of the) (?:story|article|post))|weiterlesen|lire la suite|leer más|leggi tutto|читать далее|ל?המשך קריאה|קראו? עוד|לכתבה המלאה|اقرأ المزيد";
/** An invitation after a finished or cut sentence, with what it names ("Continue reading Headline →"). */
const invitation = new RegExp(
  `(?:^|(?<=[.!?…\\])»”"'׃]))\\s*[[(«]?(?:${invitations})(?!\\p{L})[^.!?]{0,160}[.!?…]*$`,
  "iu",
);
/** The same as the very last words of a sentence that was cut without a sign. */
const lastWords = new RegExp(`\\s[[(«]?(?:${invitations})\\s*[»→>….\\])]*$`, "iu");

/**
 * The standfirst: the first blocks, until they say enough. Without what a publishing tool adds, and null when
 * nothing but the headline is left.
 */
export function standfirst(blocks: string[], title: string): string | null {
  const kept: string[] = [];
  let length = 0;
  for (const block of blocks) {
    const text = withoutInvitation(block);
    if (!text || text === title || added.some((pattern) => pattern.test(text))) continue;
    kept.push(text);
    length += text.length;
    // About three lines on a phone.
    if (length >= 120 || kept.length === 4) break;
  }
  return kept.length > 0 ? cut(kept.join(" "), 1200) : null;
}

/** The whole article: every block but what a publishing tool adds, divided by blank lines; null when nothing is left. */
export function bodyText(blocks: string[], title: string): string | null {
  const kept = blocks.filter(
    (block, index) =>
      !(index === 0 && block === title) && !(block.length < 600 && added.some((pattern) => pattern.test(block))),
  );
  const last = kept.pop();
  if (last !== undefined) kept.push(withoutInvitation(last));
  return kept.filter(Boolean).join("\n\n") || null;
}

function withoutInvitation(text: string): string {
  // Only the end is looked at, so that no length of text makes this slow.
  const tail = text.slice(-240);
  const at = (invitation.exec(tail) ?? lastWords.exec(tail))?.index;
  const kept = at === undefined ? text : text.slice(0, text.length - tail.length + at).trimEnd();
  return kept.replace(/\s*\[(?:…|\.{3})\]$/, "…");
}

/** The first sentence, for what comes without a headline. */
export function firstSentence(text: string, most = 160): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text.slice(0, 2000));
  return cut(first?.segment.trim() ?? "", most);
}
