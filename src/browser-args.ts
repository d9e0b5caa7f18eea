/**
 * Splits arguments for Chromium as people write them into a settings file: one a line, or on one line, where an
 * argument ends before the next "--" (a value may hold spaces), or as a JSON array. Quotes around one are taken off.
 *
 * @throws Error in words that follow the setting's name
 */
export function parseBrowserArgs(value: string): string[] {
  if (value.startsWith("[")) {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed) && parsed.every((item) => typeof item === "string")) return parsed;
    throw new Error('starts with "[" but is no JSON array of texts.');
  }
  const args = value
    .split(/\s+(?=["']?--)/)
    .map(unquote)
    .filter((arg) => arg !== "");
  const stray = args.find((arg) => !arg.startsWith("--"));
  if (stray) throw new Error(`takes arguments that begin with "--"; "${stray}" does not.`);
  return args;
}

/** Takes off quotes around the whole argument, or around its value as a shell would. */
function unquote(arg: string): string {
  const trimmed = arg.trim();
  const whole = /^(["'])([\s\S]*)\1$/.exec(trimmed);
  if (whole) return whole[2] ?? "";
  return trimmed.replace(/^(--[\w-]+=)(["'])([\s\S]*)\2$/, "$1$3");
}
