/** The last tag that was asked for: the articles of a source share one, and Intl takes its time. */
let last: { raw: string; tag: string | null } = { raw: "", tag: null };

/** A BCP 47 tag that Intl knows, lower case, in its newest form ("iw" is "he", "en_US" is "en-us"); null for anything else. */
export function languageTag(raw: string | null | undefined): string | null {
  const tag = raw?.trim().replaceAll("_", "-");
  // BCP 47, 4.4.1: longer tags need not be supported.
  if (!tag || tag.length > 35) return null;
  if (tag !== last.raw) last = { raw: tag, tag: canonicalTag(tag) };
  return last.tag;
}

function canonicalTag(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0]?.toLowerCase() ?? null;
  } catch {
    return null;
  }
}
