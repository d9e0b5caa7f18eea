import { counted } from "#core/broadcast/audience";
import { nameOf } from "#core/desk/people";
import { type DeskManner, headline } from "#core/desk/say";
import type { Action, ArticleId, StoredArticle } from "#core/model";
import type { ArticleAudit, Author, ReachTally, Store } from "#core/ports";
import { cut } from "#core/text";
import { when } from "#core/when";

/** An article's trail, with which chats each step reached. */
export interface Audit {
  article: StoredArticle;
  steps: (ArticleAudit & { reach: ReachTally[] })[];
}

/** Null where there is no such article. */
export async function auditOf(store: Store, id: ArticleId): Promise<Audit | null> {
  const article = await store.articles.get(id);
  if (!article) return null;
  const steps = await store.audit.steps(id);
  const tallies = await store.audit.reach(id);
  return {
    article,
    steps: steps.map((step) => ({ ...step, reach: tallies.filter(({ message }) => message === step.message) })),
  };
}

/** What a line shows of a note. */
const mostLetters = 700;

/** The trail in lines: who did what and when, and under it by platform what reached the chats. */
export async function auditLines(
  store: Store,
  { article, steps }: Audit,
  asked: Author | null,
  manner: DeskManner,
): Promise<string[]> {
  const lines = [`Article ${article.id}, ${headline(article)}`];
  for (const step of steps) {
    lines.push(await stepLine(store, step, asked, manner), ...reachLines(step.reach).map((line) => `– ${line}`));
  }
  if (steps.length === 0) lines.push("Nothing is written down of it: it went to nobody.");
  return lines;
}

async function stepLine(
  store: Store,
  { step, by, note, at }: ArticleAudit,
  asked: Author | null,
  { now, timeZone }: DeskManner,
): Promise<string> {
  const who = by ? ` by ${await nameOf(store, by, asked)}` : step === "revised" ? " by its feed" : "";
  const what = step === "embargoed" && note ? timeNote(note, now, timeZone) : note;
  return `${when(at, now, timeZone)} ${names[step]}${who}${what ? `: ${cut(what, mostLetters)}` : ""}`;
}

/** The time that was set, as people say it. */
function timeNote(note: string, now: Date, timeZone: string): string {
  const at = new Date(note);
  return Number.isNaN(at.getTime()) ? note : when(at, now, timeZone);
}

const names: Readonly<Record<ArticleAudit["step"], string>> = {
  held: "held",
  approved: "let go",
  embargoed: "given its time",
  released: "queued",
  dropped: "dropped",
  expired: "expired: nobody decided",
  revised: "changed",
  corrected: "corrected",
  retracted: "taken back",
  checked: "looked at",
};

/** "telegram: 30 got it, 2 failed: The message is too old to be edited." */
function reachLines(reach: ReachTally[]): string[] {
  const byPlatform = [...Map.groupBy(reach, ({ platform }) => platform)].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return byPlatform.map(([platform, tallies]) => {
    const states = [...Map.groupBy(tallies, (tally) => stateWords(tally))];
    const counts = states.map(
      ([words, alike]) => `${alike.reduce((sum, { count }) => sum + count, 0).toLocaleString("en")} ${words}`,
    );
    const reasons = tallies
      .filter(
        ({ state, reason }) => reason !== null && (state === "failed" || state === "skipped" || state === "unknown"),
      )
      .slice(0, 3)
      .map(({ count, reason }) => `${counted(count, "chat")}: ${reason}`);
    return [`${platform}: ${counts.join(", ")}`, ...reasons].join("; ");
  });
}

const itself: Readonly<Record<Action, string>> = { send: "got it", correct: "corrected", recall: "told" };
/** A digest that tells a story no more is corrected, too. */
const inDigest: Readonly<Record<Action, string>> = { send: "got it", correct: "corrected", recall: "lost it" };

/** What became of a copy, after a number of them. */
export function stateWords({ action, state, isInDigest }: Pick<ReachTally, "action" | "state" | "isInDigest">): string {
  switch (state) {
    case "sent":
      return isInDigest ? `${inDigest[action]} in a digest` : itself[action];
    case "recalled":
      return action === "send" ? "got it, and it was taken back" : "lost it";
    case "pending":
      return "to come";
    case "held":
      return "held";
    case "sending":
      return "under way";
    case "failed":
      return "failed";
    case "skipped":
      return "skipped";
    case "unknown":
      return "unknown: it may or may not have arrived";
    default:
      return state satisfies never;
  }
}
