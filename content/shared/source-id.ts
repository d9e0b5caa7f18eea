import { createHash } from "node:crypto";

/** The longest id that a store's index takes well. */
const longest = 500;

/** Ids stay with their articles: what is hashed here, and how, must never change. */
const fingerprint = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 40);

/** The source's own id of an article; of one that is too long for an index a fingerprint. */
export const ownId = (id: string): string => (id.length <= longest ? id : `id:${fingerprint(id)}`);

/** An article's link as its id, where every article has one; of one that is too long for an index a fingerprint. */
export const linkAsId = (url: string): string => (url.length <= longest ? url : linkId(url));

/** An id from its link for an article that comes without one: the same at each reading, and like no other's own. */
export const linkId = (url: string): string => `link:${fingerprint(url)}`;

/** The same from its words, for what has no link either. */
export const textId = (text: string): string => `text:${fingerprint(text)}`;
