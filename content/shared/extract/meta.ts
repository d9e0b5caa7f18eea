import { all, type Document, type Element } from "./tree.ts";

/** What the head says, and microdata's meta elements: names in lower case, "." and "-" between their parts as ":". */
export type Meta = (...names: string[]) => string[];

/** Reads the meta elements of a page. The answer gives the values of the first of the asked names that has any. */
export function readMeta(document: Document): Meta {
  const values = new Map<string, string[]>();
  for (const element of all(
    document,
    ({ name, attribs }) => name === "meta" && Boolean(attribs.content ?? attribs.value),
    2000,
  )) {
    const content = (element.attribs.content ?? element.attribs.value ?? "").trim();
    for (const name of namesOf(element)) {
      if (!content) continue;
      const known = values.get(name);
      if (known) known.push(content);
      else values.set(name, [content]);
    }
  }
  return (...names) => names.map((name) => values.get(name)).find((found) => found) ?? [];
}

/** One element may bear several: a property is a list. */
const namesOf = ({ attribs }: Element): Set<string> =>
  new Set(
    [attribs.property, attribs.name, attribs.itemprop, attribs["http-equiv"]]
      .flatMap((names) => (names ?? "").toLowerCase().split(/\s+/))
      .filter(Boolean)
      .map((name) => name.replace(/[.-]/g, ":")),
  );
