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

/** The JSON in a text, what PHP wrote before and behind it passed over; undefined when there is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const starts = text.slice(0, 65_536).matchAll(/[[{](?=\s*["[{\]}])/g);
    for (const { index } of starts.take(mostStarts)) {
      try {
        return JSON.parse(text.slice(index, endOfValue(text, index)));
      } catch {
        // The next start may be the real one.
      }
    }
    return undefined;
  }
}

/** Where the brackets that open at `start` are all closed, those within strings not counted. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  let isString = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (isString) {
      if (character === "\\") index++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === "[" || character === "{") depth++;
    else if ((character === "]" || character === "}") && --depth === 0) return index + 1;
  }
  return text.length;
}
