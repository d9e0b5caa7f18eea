import type { Article, Message } from "#core/model";
import { cut, excerpt, readsRightToLeft } from "#core/text";
import { wordsFor } from "#core/words";
import { bareAddress, cleanLine } from "./dress.ts";
import { isBrief } from "./format.ts";
import { linesOf } from "./lines.ts";

const headlineLimit = 1_000;
const summaryLimit = 300;
const timeLimit = 40;

/** What answers a message that cannot be edited any more. */
export interface Correction {
  text: string;
  /** The link of the story that it is about, as the messages about that one end with it; null where it has none. */
  address: string | null;
}

/** What is right by now, or that the story was withdrawn; null for a message that corrects nothing. */
export function correctionOf(message: Message): Correction | null {
  if (message.kind === "digest" && message.corrected) {
    const { article, at, isWithdrawn } = message.corrected;
    return isWithdrawn ? withdrawal(article, at) : correction(article, at, false);
  }
  if (message.kind === "article" && message.correctedAt) {
    return correction(message.article, message.correctedAt, isBrief(message));
  }
  return null;
}

function correction(article: Article, at: string, isBrief: boolean): Correction {
  const title = cleanLine(article.title);
  const standfirst = cleanLine(article.summary ?? "");
  const { bare, dressed } = linesOf(readsRightToLeft(article.language, `${title} ${standfirst}`));
  const address = bareAddress(article.url);
  const mark = bare(
    `✏️ ${wordsFor(article.language, `${title} ${standfirst}`).corrected(cut(cleanLine(at), timeLimit))}`,
  );
  const said = isBrief ? "" : bare(excerpt(standfirst, summaryLimit, article.language));
  const head = [mark, dressed("*", cut(title, headlineLimit))].filter(Boolean).join("\n");
  return { text: [head, said, address].filter(Boolean).join(isBrief ? "\n" : "\n\n"), address };
}

function withdrawal({ language, title, summary, url }: Article, at: string): Correction {
  const headline = cut(cleanLine(title), headlineLimit);
  const words = wordsFor(language, `${title} ${summary ?? ""}`);
  const { bare } = linesOf(readsRightToLeft(language, title));
  return { text: bare(`✏️ ${words.withdrawn(cut(cleanLine(at), timeLimit), headline)}`), address: bareAddress(url) };
}
