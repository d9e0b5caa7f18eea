import { Marked } from "marked";
import { type Reading, readHtml } from "../shared/text.ts";

/** What a post's Markdown says. */
export interface Text extends Reading {
  /** The first heading, which is no block of the text then. */
  heading: string | null;
}

/** As much as is read of the text that comes out. */
const mostCharacters = 64 * 1024;
/** marked takes a time that grows with the square of a paragraph: nobody writes longer ones. */
const longestParagraph = 4 * 1024;

const marked = new Marked({ gfm: true });

/** Reads Markdown; what is too deeply nested to be Markdown is read as plain text. */
export function readMarkdown(markdown: string, takeHeading: boolean): Text {
  const source = shortParagraphs(markdown.slice(0, mostCharacters));
  try {
    const tokens = marked.lexer(source);
    const at = takeHeading ? tokens.findIndex(({ type }) => type === "heading") : -1;
    const heading = at < 0 ? null : readHtml(marked.parser(tokens.splice(at, 1))).blocks.join(" ");
    return { heading: heading || null, ...readHtml(marked.parser(tokens)) };
  } catch {
    return { heading: null, ...readHtml(source) };
  }
}

/** One line of Markdown as plain text. */
export const readLine = (markdown: string): string => readMarkdown(markdown, false).blocks.join(" ");

/** Divides paragraphs that are too long, at the end of a line or of a word where there is one. */
function shortParagraphs(markdown: string): string {
  if (markdown.length <= longestParagraph) return markdown;
  const pieces: string[] = [];
  let length = 0;
  for (const line of markdown.split("\n")) {
    if (line.trim() === "") length = 0;
    for (let rest = line; ; ) {
      if (length > 0 && length + rest.length > longestParagraph) {
        pieces.push("");
        length = 0;
      }
      if (rest.length <= longestParagraph) {
        pieces.push(rest);
        length += rest.length + 1;
        break;
      }
      const space = rest.lastIndexOf(" ", longestParagraph);
      const end = space > 0 ? space : longestParagraph;
      pieces.push(rest.slice(0, end));
      length = longestParagraph;
      rest = rest.slice(end);
    }
  }
  return pieces.join("\n");
}
