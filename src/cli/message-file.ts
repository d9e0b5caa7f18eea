import { z } from "zod";
import { type Problem, readArticleFile } from "#content/push/article-file";
import type { DigestMessage, Message } from "#core/model";

/** A zone that has a clock. */
const zone = z.string("must be text").refine((name) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}, 'must be a time zone, as in "Asia/Jerusalem"');

const digest = z.object({
  occasion: z.enum(["hour", "quiet", "overflow"], 'must be "hour", "quiet" or "overflow"').default("hour"),
  at: z.iso
    .datetime({ offset: true, error: 'must be a time with its zone, as in "2026-03-01T18:00:00+02:00"' })
    .transform((value) => new Date(value))
    .optional(),
  zone: zone.default("UTC"),
  more: z.int("must be a whole number").min(0, "must not be negative").default(0),
  sections: z.array(
    z.object(
      {
        topic: z.string("must be text").nullish(),
        articles: z.array(z.unknown(), "must be a list of articles"),
      },
      "must be a topic with its articles",
    ),
    "must be a list of topics with their articles",
  ),
});

/**
 * Reads a message from JSON: an article, or a digest where it has `sections`. What is left out of a digest is as if it
 * came now, at its hour, by the clock of UTC.
 */
export function readMessageFile(json: unknown, now: Date): Message | { problems: Problem[] } {
  if (typeof json === "object" && json !== null && "sections" in json) return readDigest(json, now);
  const read = readArticleFile(json);
  if ("problems" in read) return read;
  if (!read.article.title) return { problems: [{ path: "title", problem: "is missing" }] };
  return { kind: "article", article: read.article };
}

function readDigest(json: object, now: Date): DigestMessage | { problems: Problem[] } {
  const parsed = digest.safeParse(json);
  if (!parsed.success) {
    return { problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), problem: message })) };
  }
  const problems: Problem[] = [];
  const sections = parsed.data.sections.map(({ topic, articles }, section) => ({
    topic: topic ?? null,
    articles: articles.flatMap((given, index) => {
      const read = readMessageFile(given, now);
      if ("kind" in read && read.kind === "article") return [read.article];
      const found = "problems" in read ? read.problems : [{ path: "", problem: "must be an article" }];
      const path = `sections.${section}.articles.${index}`;
      problems.push(...found.map((one) => ({ ...one, path: [path, one.path].filter(Boolean).join(".") })));
      return [];
    }),
  }));
  if (problems.length > 0) return { problems };
  return { kind: "digest", ...parsed.data, at: parsed.data.at ?? now, sections };
}
