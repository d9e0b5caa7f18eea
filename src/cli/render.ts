import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Article } from "#core/model";
import { renderMessage } from "../../bots/render.ts";
import { complain, print } from "./environment.ts";

/** What an article file may hold; all but the title may be left out. */
const articleFile = z.object({
  title: z.string().min(1),
  kicker: z.string().nullish(),
  summary: z.string().nullish(),
  url: z.url({ protocol: /^https?$/ }).nullish(),
  image: z.url({ protocol: /^https?$/ }).nullish(),
  source: z.string().nullish(),
  topics: z.array(z.string()).nullish(),
  language: z.string().nullish(),
  publishedAt: z.iso.datetime({ offset: true }).nullish(),
  breaking: z.boolean().nullish(),
});

/** `crier render --to telegram|whatsapp [--json] [FILE]`: the message as readers get it; `--json`: what the platform is sent. */
export async function render(args: string[]): Promise<number> {
  const asked = readArgs(args);
  if (!asked) {
    complain(
      "crier render --to telegram|whatsapp [--json] [FILE]   (reads one article as JSON; standard input without FILE)",
    );
    return 2;
  }
  let json: unknown;
  try {
    json = JSON.parse(asked.file && asked.file !== "-" ? readFileSync(asked.file, "utf8") : await text(process.stdin));
  } catch (error) {
    complain(`crier: the article could not be read: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  const parsed = articleFile.safeParse(json);
  if (!parsed.success) {
    complain("crier: that is no article.");
    for (const issue of parsed.error.issues) complain(`  ${issue.path.join(".") || "the whole"}: ${issue.message}`);
    return 2;
  }
  const rendered = renderMessage(asked.to, { kind: "article", article: toArticle(parsed.data) });
  print(asked.json ? JSON.stringify(rendered.json, null, 2) : rendered.text);
  return 0;
}

function readArgs(args: string[]): { to: "telegram" | "whatsapp"; json: boolean; file: string | undefined } | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { to: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const { to } = values;
    if ((to !== "telegram" && to !== "whatsapp") || positionals.length > 1) return null;
    return { to, json: values.json, file: positionals[0] };
  } catch {
    return null;
  }
}

function toArticle(given: z.infer<typeof articleFile>): Article {
  const url = given.url ?? null;
  return {
    sourceId: url ?? given.title,
    url,
    title: given.title,
    kicker: given.kicker ?? null,
    summary: given.summary ?? null,
    text: null,
    image: given.image ?? null,
    authors: [],
    source: given.source ?? (url ? new URL(url).hostname.replace(/^www\./, "") : ""),
    topics: given.topics ?? [],
    language: given.language?.toLowerCase() ?? null,
    publishedAt: given.publishedAt ? new Date(given.publishedAt) : null,
    updatedAt: null,
    breaking: given.breaking ?? false,
  };
}
