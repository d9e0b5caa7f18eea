import { createHash } from "node:crypto";

/** An article's link as its id; of one that is too long for an index a fingerprint, the same at each reading. */
export const sourceIdOf = (url: string): string =>
  url.length <= 500 ? url : `link:${createHash("sha256").update(url).digest("hex").slice(0, 40)}`;
