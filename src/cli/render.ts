import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { renderMessage } from "../../bots/render.ts";
import { complain, print } from "./environment.ts";
import { readMessageFile } from "./message-file.ts";

/** `crier render --to telegram|whatsapp [--json] [FILE]`: the message as readers get it; `--json`: what the platform is sent. */
export async function render(args: string[]): Promise<number> {
  const asked = readArgs(args);
  if (!asked) {
    complain(
      "crier render --to telegram|whatsapp [--json] [FILE]   (reads an article or a digest as JSON; standard input without FILE)",
    );
    return 2;
  }
  let json: unknown;
  try {
    json = JSON.parse(asked.file && asked.file !== "-" ? readFileSync(asked.file, "utf8") : await text(process.stdin));
  } catch (error) {
    complain(`crier: the message could not be read: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  const message = readMessageFile(json, new Date());
  if ("problems" in message) {
    complain("crier: that is neither an article nor a digest.");
    for (const { path, problem } of message.problems) complain(`  ${path || "the whole"}: ${problem}`);
    return 2;
  }
  const rendered = renderMessage(asked.to, message);
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
