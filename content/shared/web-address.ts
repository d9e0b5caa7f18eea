import { FeedError } from "#core/errors";

/** The longest address that is asked for: the longest that servers take. */
const longest = 8192;

/** What is treated politely as one: whatever the port, with or without the dot at its end. */
export const hostOf = (url: URL): string => url.hostname.replace(/\.$/, "");

/** An address that may be asked for, without its place within the page. @throws FeedError "refused" for anything but http(s), or with a name and password in it */
export function webAddress(address: string): URL {
  return readable(address, undefined, quoted(address));
}

/** Where a redirect leads. `location` is the header as it came, one character a byte. @throws FeedError "refused" as above */
export function redirectTarget(location: string, from: URL, start: string): URL {
  // As browsers do: bytes beyond ASCII are taken as they are, whichever encoding they are in.
  const encoded = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  return readable(encoded, from, `${quoted(start)} redirects to ${quoted(location)}, which`);
}

function readable(address: string, base: URL | undefined, said: string): URL {
  const url = address.length <= longest ? URL.parse(address, base?.href) : null;
  if (!url) throw new FeedError("refused", `${said} is not a web address: check how it is written.`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new FeedError("refused", `${said} is not a web address: it must begin with http:// or https://.`);
  }
  if (url.username || url.password) {
    throw new FeedError(
      "refused",
      `The address at ${url.host} holds a name or password, which Crier does not send: use one without.`,
    );
  }
  url.hash = "";
  return url;
}

/** Short enough for a sentence, and without a password. */
const quoted = (address: string): string => address.slice(0, 200).replace(/\/\/[^/?#]*@/, "//");
