/** The key of the message that brings digests up to date, beside that of the one for an article's own copies. */
export const digestsKey = (key: string): string => `${key}:digests`;
