import type { Command, CommandContext } from "#core/commands/command";
import { editorOf, overheard, withArticle } from "#core/commands/desk-context";
import { drop, hold, send } from "#core/desk/decide";
import { listLine, showHeld } from "#core/desk/list";
import { decidedWords } from "#core/desk/say";
import { readTime } from "#core/desk/time";
import type { ArticleId, Span } from "#core/model";
import { plain, textOf } from "#core/spans";

/** Fits one screen of a phone. */
const listed = 10;
/** A reason is a line. */
const mostWhy = 300;

export const review: Command = {
  name: "review",
  summary: "Stories that wait for an editor",
  adminOnly: true,
  async run(context) {
    const cannot = await overheard(context, "review");
    if (cannot) return [plain(cannot)];
    const answer = await answerTo(textOf(context.spans).trim(), context);
    return typeof answer === "string" ? [plain(answer)] : answer;
  },
};

async function answerTo(text: string, context: CommandContext): Promise<Span[] | string> {
  const { store } = context;
  const [, verb = "", rest = ""] = /^(\w+)(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const editor = editorOf(context);
  switch (text === "" ? "list" : verb.toLowerCase()) {
    case "list":
      return list(context);
    case "show":
      return named(context, rest, "show", (id) => show(context, id));
    case "send":
      return named(context, rest, "send", async (id, when) => {
        if (when === "") return (await send(store, id, null, editor)).text;
        if (/^now$/i.test(when)) return (await send(store, id, "now", editor)).text;
        const time = readTime(when.replace(/^at\s+/i, ""), editor.manner);
        return typeof time === "string" ? time : (await send(store, id, time.at, editor)).text + time.note;
      });
    case "drop":
      return named(
        context,
        rest,
        "drop",
        async (id, why) => (await drop(store, id, why.slice(0, mostWhy) || null, editor)).text,
      );
    case "hold":
      return named(context, rest, "hold", async (id, when) => {
        if (when === "") return (await hold(store, id, null, editor)).text;
        const time = readTime(when.replace(/^until\s+/i, ""), editor.manner);
        return typeof time === "string" ? time : (await hold(store, id, time.at, editor)).text + time.note;
      });
    default:
      return usage(context);
  }
}

async function named(
  context: CommandContext,
  rest: string,
  verb: string,
  work: (id: ArticleId, rest: string) => Promise<Span[] | string>,
): Promise<Span[] | string> {
  if (rest.trim() === "") {
    return `Say which, by its number or its link, as in ${context.mark}review ${verb} 12. ${context.mark}review lists them.`;
  }
  return withArticle(context, rest, work);
}

async function list(context: CommandContext): Promise<string> {
  const { store, mark } = context;
  const held = await store.desk.list(listed);
  if (held.length === 0) return `Nothing waits for an editor. ${mark}watch sets words that make a story wait.`;
  const more = (await store.desk.count()) - held.length;
  const { manner } = editorOf(context);
  return [
    ...held.map((one) => listLine(one, manner)),
    ...(more > 0 ? [`and ${more} more.`] : []),
    `${mark}review show ${held[0]?.article.id} shows it, send lets it go, drop drops it, hold 12 until 18:30 waits.`,
  ].join("\n");
}

async function show(context: CommandContext, id: ArticleId): Promise<Span[] | string> {
  const { store } = context;
  const { manner, call } = editorOf(context);
  const held = await store.desk.held(id);
  if (held) return showHeld(store, held, manner);
  const record = await store.why.article(id);
  return record ? decidedWords(store, record, call.by, manner) : `There is no article ${id}.`;
}

const usage = ({ mark }: CommandContext): string =>
  [
    `${mark}review lists what waits for an editor.`,
    `${mark}review show 12 – send 12 – send 12 now – send 12 at 18:30`,
    `${mark}review hold 12 until 18:30 – drop 12 WHY`,
    "12 is the story's number in the list; its link works too.",
  ].join("\n");
