import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { FeedError } from "#core/errors";
import { type Description, describe } from "../../content/describe.ts";
import { complain, print } from "./environment.ts";

const usage = `crier parse FILE [ADDRESS]   what Crier reads in a feed, a sitemap or an article's page; ADDRESS is where it comes from
crier parse --batch                  one line of JSON in, {"file","baseUrl","contentType"}, and one out, until the input ends`;

/** `crier parse`: shows what Crier reads in a file, without sending or keeping anything. */
export async function parse(args: string[]): Promise<number> {
  const asked = readArgs(args);
  if (!asked) {
    complain(usage);
    return 2;
  }
  if (asked.batch) {
    await parseBatch();
    return 0;
  }
  const answer = await parseFile({ file: asked.file, baseUrl: asked.address });
  if ("error" in answer) {
    complain(`crier: ${answer.error}`);
    return 1;
  }
  print(JSON.stringify(answer, null, 2));
  return 0;
}

interface Task {
  file: string;
  baseUrl?: string | undefined;
  contentType?: string | undefined;
}

/** Answers each line with one: nothing that stands in a file ends the process. */
async function parseBatch(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    print(JSON.stringify(await parseLine(line)));
  }
}

async function parseLine(line: string): Promise<Description | { error: string }> {
  let task: Partial<Task>;
  try {
    task = JSON.parse(line) as Partial<Task>;
  } catch {
    return { error: "The line is not JSON." };
  }
  const { file, baseUrl, contentType } = task;
  if (typeof file !== "string") return { error: 'The line names no "file".' };
  return parseFile({ file, baseUrl, contentType });
}

async function parseFile({ file, baseUrl, contentType }: Task): Promise<Description | { error: string }> {
  try {
    const url = baseUrl && URL.canParse(baseUrl) ? baseUrl : null;
    return await describe(await readFile(file), { url, contentType: contentType ?? null });
  } catch (error) {
    if (error instanceof FeedError) return { error: error.message };
    return { error: `${file} could not be read: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

function readArgs(args: string[]): { batch: boolean; file: string; address: string | undefined } | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { batch: { type: "boolean", default: false } },
    });
    const [file = "", address] = positionals;
    if (values.batch ? positionals.length > 0 : file === "" || positionals.length > 2) return null;
    return { batch: values.batch, file, address };
  } catch {
    return null;
  }
}
