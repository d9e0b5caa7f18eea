import { FeedError } from "#core/errors";
import type { HttpAnswer, HttpGet } from "./http.ts";
import { statusError } from "./refusal.ts";

/** Room for the picture of any story; what is larger was never meant for a phone. */
export const mostPictureBytes = 5 * 1024 * 1024;

/**
 * Whatever a picture's address answers. It waits for one of its host's two connections like any read, but for no pause:
 * it is asked for when an article that is to go out needs it.
 *
 * @throws FeedError also for more than 5 MiB
 */
export const askForPicture = (http: HttpGet, url: string, signal: AbortSignal): Promise<HttpAnswer> =>
  http.get(url, {
    signal,
    accept: "image/jpeg,image/png,image/webp,image/*;q=0.5",
    maxBytes: mostPictureBytes,
    urgent: true,
  });

/**
 * The picture's bytes and its type as the bytes themselves tell it.
 *
 * @throws FeedError also for what is no picture, or over 5 MiB
 */
export async function fetchPicture(
  http: HttpGet,
  url: string,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; type: string }> {
  const answer = await askForPicture(http, url, signal);
  if (answer.status !== 200) throw statusError(answer, `The picture ${url}`, "the message goes out without it");
  const type = pictureType(answer.bytes);
  if (!type) throw new FeedError("not-a-feed", `${url} is not a picture that Crier can send (JPEG, PNG, GIF, WebP).`);
  return { bytes: answer.bytes, type };
}

/** A picture's type as its bytes tell it; null for what chats cannot show. */
export function pictureType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return "image/webp";
  return null;
}
