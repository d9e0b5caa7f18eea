/** A BCP 47 tag as it is compared: lower case, with the codes of today for those of 1989 that feeds still carry. */
export const comparableTag = (tag: string): string =>
  tag.toLowerCase().replaceAll("_", "-").replace(/^iw\b/, "he").replace(/^in\b/, "id").replace(/^ji\b/, "yi");

/** The language alone: "en" of "en-gb"; "" for none. */
export const primaryLanguage = (tag: string | null | undefined): string =>
  comparableTag(tag ?? "").split("-", 1)[0] ?? "";
