import { isHtml } from "#content/shared/challenge";
import type { HttpGet } from "#content/shared/http";
import { askForPicture, mostPictureBytes, pictureType } from "#content/shared/picture";
import { FeedError } from "#core/errors";
import { isGood, noAnswer, problem, type Seen, there, wallBefore } from "./seen.ts";

/** Looks whether an article's picture can be shown in chats. Never throws for what a server answers. */
export async function lookAtPicture(http: HttpGet, image: string, signal: AbortSignal): Promise<Seen> {
  try {
    const answer = await askForPicture(http, image, signal);
    const wall = wallBefore(answer, "its picture");
    if (wall) return wall;
    if (!isGood(answer)) {
      const isGone = answer.status === 404 || answer.status === 410;
      return problem(isGone ? `its picture is not there (${answer.status})` : `its picture answers ${answer.status}`);
    }
    if (pictureType(answer.bytes)) return there;
    if (answer.bytes.byteLength === 0) return problem("its picture is empty");
    if (isHtml(answer.bytes)) return problem("its picture is an HTML page");
    return problem(`its picture is of a kind that chats do not show${typeSaid(answer.headers["content-type"])}`);
  } catch (error) {
    if (error instanceof FeedError && error.reason === "too-large") {
      return problem(`its picture is larger than ${mostPictureBytes / 1024 / 1024} MiB`);
    }
    return noAnswer(error, "its picture", signal);
  }
}

const typeSaid = (header: string | undefined): string => {
  const type = /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(header ?? "")?.[0];
  return type ? ` (${type})` : "";
};
