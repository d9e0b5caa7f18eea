import { createHash } from "node:crypto";
import { raw, html as template } from "hono/html";

/** Markup whose values are escaped already. */
export type Html = ReturnType<typeof raw>;

/** Markup at once: no value here is a promise, so neither is the whole. */
export const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  raw(String(template(strings, ...values)));

export const nothing: Html = raw("");

/**
 * An element of a live list: the page's script puts it in place of the one with its key when its version differs.
 * `tag` and `classes` are the code's own words, `key` may be anybody's.
 */
export function keyed(tag: "li" | "tr", key: string, classes: string, inner: Html): Html {
  const version = createHash("sha256").update(classes).update(String(inner)).digest("base64url").slice(0, 12);
  return html`<${raw(tag)} class="${classes}" data-key="${key}" data-version="${version}">${inner}</${raw(tag)}>`;
}
