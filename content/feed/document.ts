import { FeedError } from "#core/errors";
import { decode } from "../shared/charset.ts";
import type { Document } from "./item.ts";
import { readDocument } from "./read.ts";
import {
  endedAfterLastItem,
  rootOf,
  withAmpersands,
  withJsonVersion,
  withoutControls,
  withoutDoctype,
} from "./repair.ts";

/** Bytes to a document: as it stands, else as it can be mended. @throws FeedError "not-a-feed", nothing else */
export function openDocument(bytes: Uint8Array, from: { url: string; contentType: string | null }): Document {
  const { url } = from;
  const decoded = withoutControls(decode(bytes, from.contentType));
  const root = rootOf(decoded);
  if (root === "") throw new FeedError("not-a-feed", `${url} answered with nothing: is it the feed's address?`);
  if (root === "html") throw notAFeed(decoded, url);
  const text = root === "json" ? decoded : withoutDoctype(decoded);
  const attempts =
    root === "json"
      ? [() => text, () => withJsonVersion(text)]
      : [() => text, () => withAmpersands(text), () => endedAfterLastItem(text, root)];
  let cause: unknown;
  for (const attempt of attempts) {
    const mended = attempt();
    if (mended === null) continue;
    try {
      return readDocument(mended, root);
    } catch (error) {
      cause ??= error;
    }
  }
  throw notAFeed(decoded, url, cause);
}

function notAFeed(text: string, url: string, cause?: unknown): FeedError {
  const head = text.slice(0, 20_000);
  if (
    /cf-chl|challenge-platform|Just a moment\.\.\.|cf-browser-verification|Attention Required! \| Cloudflare|captcha/i.test(
      head,
    )
  ) {
    return new FeedError(
      "not-a-feed",
      `${url} answered with a page that tests for robots instead of a feed: ask the publisher to let feed readers through.`,
      { cause },
    );
  }
  if (rootOf(text) === "html") {
    return new FeedError("not-a-feed", `${url} is a web page, not a feed: look for its feed's own address.`, { cause });
  }
  const kind = rootOf(text) === "json" ? "JSON, but no JSON Feed" : "neither RSS, Atom, RDF nor JSON Feed";
  return new FeedError("not-a-feed", `${url} is ${kind}: check the address.`, { cause });
}
