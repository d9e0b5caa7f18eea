const address = /(?:https?:\/\/|www\.)[^\s<>"]+/gi;

/** The links of a text, as WhatsApp finds them. */
export function findLinks(text) {
  return [...(text ?? "").matchAll(address)]
    .map(([found]) => found.replace(/[*_~`.,;:!?'")\]}…]+$/u, ""))
    .map((value) => ({
      value,
      href: /^www\./i.test(value) ? `https://${value}` : value,
      suspiciousCharacters: new Set(),
    }))
    .filter(({ href }) => URL.canParse(href));
}

export const findLink = (text) => findLinks(text)[0];
