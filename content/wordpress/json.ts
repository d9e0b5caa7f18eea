/** Reads a value deep inside JSON of unknown form; undefined where the way ends. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Record<string | number, unknown>)[key];
  }
  return inner;
}

/** The text there, "" for anything else. */
export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The list there, empty for anything else. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Places where JSON may begin after what PHP wrote before it. */
const mostStarts = 8;
/** A post with all that is embedded nests a dozen deep; only an attack nests deeper than this, and would be slow to read. */
const deepest = 100;

/** The objects or lists in a text, what PHP wrote before and behind them passed over; undefined when there are none. */
export function jsonIn(text: string): unknown {
  const starts = text.slice(0, 65_536).matchAll(/[[{](?=\s*["[{\]}])/g);
  for (const { index } of starts.take(mostStarts)) {
    const end = endOfValue(text, index);
    if (end === null) continue;
    try {
      return JSON.parse(text.slice(index, end));
    } catch {
      // The next start may be the real one.
    }
  }
  return undefined;
}

/** Where the brackets that open at `start` are all closed, those within strings not counted; null when they never are. */
function endOfValue(text: string, start: number): number | null {
  let depth = 0;
  let isString = false;
  for (let index = start; index < text.length && depth <= deepest; index++) {
    const character = text[index];
    if (isString) {
      if (character === "\\") index++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === "[" || character === "{") depth++;
    else if ((character === "]" || character === "}") && --depth === 0) return index + 1;
  }
  return null;
}
