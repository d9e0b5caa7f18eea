import type { LinkProbe } from "#core/ports";
import { challengeIn } from "./challenge.ts";
import type { HttpGet } from "./http.ts";
import { canonical, readable } from "./url.ts";

/**
 * Asks an article's own link whether it still stands. Only a plain 404 or 410 of the page itself means that it is
 * gone: what redirects elsewhere, to the front page or a section, may have many reasons. Nothing but the head of the
 * answer is loaded.
 */
export const createLinkProbe =
  (http: HttpGet): LinkProbe =>
  async (url, signal) => {
    try {
      const answer = await http.get(url, { signal, accept: "text/html,*/*;q=0.5", withoutBody: true });
      if (!isSamePage(url, answer.url) || challengeIn(answer)) return "unknown";
      if (answer.status === 404 || answer.status === 410) return "gone";
      return answer.status >= 200 && answer.status < 300 ? "there" : "unknown";
    } catch {
      return "unknown";
    }
  };

/** With or without encryption, "www.", percent-encoding and a slash at the end: servers redirect from one spelling to another. */
const isSamePage = (asked: string, answered: string): boolean => pageOf(asked) === pageOf(answered);

function pageOf(address: string): string {
  const { host, pathname, search } = new URL(canonical(address));
  return `${host.replace(/^www\./, "")}${readable(pathname).replace(/\/$/, "")}${search}`;
}
