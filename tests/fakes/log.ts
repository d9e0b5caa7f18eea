import type { Log } from "#core/ports";

/** Keeps what was logged. */
export function createMemoryLog(): Log & { lines: { level: string; fields: object; text: string }[] } {
  const lines: { level: string; fields: object; text: string }[] = [];
  const at = (level: string) => (fields: object, text: string) => {
    lines.push({ level, fields, text });
  };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
