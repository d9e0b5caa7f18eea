import type { Feed } from "#core/model";

/** The feed that stands for what publishing tools hand in: it has rules as others have, and nothing to be read. */
export const hookFeed = { kind: "hook", address: "/hooks/articles" };

/** True for the feed of what is handed in. */
export const isHookFeed = ({ kind }: Pick<Feed, "kind">): boolean => kind === hookFeed.kind;
