import { Parser } from "htmlparser2";

export interface LinkPreview {
  link: string;
  title: string | null;
  description: string | null;
}

const patienceMs = 2000;
const enoughBytes = 256 * 1024;

/**
 * What WhatsApp shows of a link; null where it finds nothing to show. Pages on this machine are read as WhatsApp would
 * read them; no other is fetched, and its title is made of the words of its address.
 */
export async function previewOf(link: string, signal: AbortSignal): Promise<LinkPreview | null> {
  if (!URL.canParse(link)) return null;
  const url = new URL(link);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return fromAddress(url, link);
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
    const isPage = answer.ok && answer.headers.get("content-type")?.includes("html");
    return isPage ? fromPage(await readHead(answer), link) : null;
  } catch {
    return null;
  }
}

function fromAddress({ hostname, pathname }: URL, link: string): LinkPreview {
  const last = pathname.split("/").filter(Boolean).at(-1) ?? "";
  const words = decode(last.replace(/\.\w+$/, "").replace(/[-_+]+/g, " ")).trim();
  const title = words ? words.charAt(0).toUpperCase() + words.slice(1) : hostname;
  return { link, title, description: hostname };
}

function fromPage(html: string, link: string): LinkPreview | null {
  const said = new Map<string, string>();
  let isTitle = false;
  const parser = new Parser({
    onopentag(name, { property, name: named, content }) {
      isTitle = name === "title";
      const key = property ?? named;
      if (name === "meta" && key && content && !said.has(key)) said.set(key, content);
    },
    ontext(text) {
      if (isTitle) said.set("title", (said.get("title") ?? "") + text);
    },
    onclosetag() {
      isTitle = false;
    },
  });
  parser.end(html);
  const title = said.get("og:title") ?? said.get("title")?.trim();
  return title ? { link, title, description: said.get("og:description") ?? said.get("description") ?? null } : null;
}

async function readHead(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let html = "";
  for await (const part of answer.body ?? []) {
    html += decoder.decode(part, { stream: true });
    if (html.length > enoughBytes) break;
  }
  return html;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
