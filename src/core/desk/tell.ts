import type { DeskSettings } from "#core/desk/hold";
import { nameOf, personKey } from "#core/desk/people";
import { type DeskManner, headline, reasonWords, timeWords } from "#core/desk/say";
import type { ChatRef, StoredArticle } from "#core/model";
import type { ArticleAudit, Author, Clock, HeldArticle, Store } from "#core/ports";
import { tellAdmins } from "#core/tell";
import { cut } from "#core/text";

/** Steps told in one go. */
const mostSteps = 500;
/** Stories that one notice names; the list has them all. */
const mostNamed = 10;
const mostLetters = 600;

/** What is said of one step, and who need not be told of it since they took it. */
interface Line {
  text: string;
  by: Author | null;
}

type Untold = ArticleAudit & { article: number };
type Notice = { held: HeldArticle[]; lines: Line[] };

export interface TellDeps {
  store: Store;
  clock: Pick<Clock, "now">;
  /** The newsroom's, in which times are told. */
  timeZone: string;
  settings: Pick<DeskSettings, "editors">;
  /** Who is told. */
  admins: readonly ChatRef[];
}

/**
 * Tells the admins what happened on the desk since they were told last: in one transaction with the note that they are,
 * so that a crash neither swallows a notice nor repeats it. What is over by now is not told any more. True where there
 * were steps at all.
 */
export function tellSteps({ store, clock, admins, timeZone, settings }: TellDeps): Promise<boolean> {
  return store.transaction(async (tx) => {
    const steps = await tx.audit.takeUntold(mostSteps);
    const last = steps.at(-1);
    if (!last) return false;
    const now = clock.now();
    const manner = { now, timeZone, mark: "" };
    const notice = await noticeOf(tx, steps, manner, settings.editors);
    for (const admin of admins) {
      const text = await textFor(tx, admin, notice, manner);
      const key = `desk:${last.article}:${last.step}:${last.at.getTime()}:${last.revision}`;
      if (text) await tellAdmins({ store: tx, clock, admins: [admin] }, key, text);
    }
    return true;
  });
}

async function noticeOf(tx: Store, steps: Untold[], manner: DeskManner, editors: number): Promise<Notice> {
  const notice: Notice = { held: [], lines: [] };
  for (const step of steps) {
    const held = await tx.desk.held(step.article);
    if (step.step === "held" && step.by === null) {
      if (held && !notice.held.some(({ article }) => article.id === step.article)) notice.held.push(held);
      continue;
    }
    const text = await lineOf(tx, step, held, manner, editors);
    if (text) notice.lines.push({ text, by: step.by });
  }
  return notice;
}

/** What one step says to those who did not take it; null for what they need not hear. */
async function lineOf(
  tx: Store,
  { step, article: id, by, note }: Untold,
  held: HeldArticle | null,
  { now, timeZone }: DeskManner,
  editors: number,
): Promise<string | null> {
  const article = await tx.articles.get(id);
  if (!article) return null;
  const title = headline(article);
  const who = by ? capital(await nameOf(tx, by, null)) : "Its feed";
  switch (step) {
    case "approved":
      return held && held.approvals < held.editors
        ? `${who} let ${title} go; it waits for another of ${Math.max(editors, held.editors)} editors. “review show ${id}” shows it, “review send ${id}” lets it go.`
        : null;
    case "held":
      return held ? `${who} holds ${title} until an editor lets it go: “review send ${id}”.` : null;
    case "embargoed":
      return held?.embargoUntil
        ? `${who} set the time of ${title}: ${timeWords(held.embargoUntil, now, timeZone)}.`
        : null;
    case "expired":
      return `Nobody decided about ${title} in time: it goes to nobody. “review send ${id}” sends it all the same.`;
    case "revised":
      return held
        ? `${title}, which is held, was changed by its feed. ${cut(note ?? "", mostLetters)}.${again(held)}`
        : null;
    case "corrected":
      return `${who} corrected ${title}${held ? ", which is held" : ""}. ${cut(note ?? "", mostLetters)}.${again(held)}`;
    case "retracted":
      return `${who} took ${title} back${note ? `: ${cut(note, mostLetters)}` : ""}.`;
    case "dropped":
      return `${who} dropped ${title}: it goes to nobody.`;
    case "checked":
      return checkedLine(article, held, note ?? "");
    case "released":
      return null;
    default:
      return step satisfies never;
  }
}

/** Approvals of a held story's old words do not count. */
const again = (held: HeldArticle | null): string =>
  held && held.editors > held.approvals
    ? ` Who let it go before must do so again: “review send ${held.article.id}”.`
    : "";

/** What a look at its page came to, as far as it still counts; null where somebody decided meanwhile. */
function checkedLine(article: StoredArticle, held: HeldArticle | null, note: string): string | null {
  const title = headline(article);
  if (!held) return article.announcedAt ? `${title} goes out: ${note}.` : null;
  if (!held.preflight) return `${title} waits for its page no longer: ${note}.`;
  const decide = `“review send ${article.id}” sends it all the same, “review drop ${article.id}” drops it.`;
  if (held.preflight.nextAt === null) return `${title} waits for an editor: ${note}. ${decide}`;
  if (held.approvals < held.editors) return `${title} waits for its page, too: ${note}. ${decide}`;
  const goesOn = article.breaking
    ? "As breaking news it goes out within a minute"
    : "Its page is looked at for half an hour";
  return `${title} waits: ${note}. ${goesOn}; ${decide}`;
}

async function textFor(
  tx: Store,
  { platform, address }: ChatRef,
  { held, lines }: Notice,
  manner: DeskManner,
): Promise<string> {
  const me = await personKey(tx, { platform, person: address });
  const others: string[] = [];
  for (const { text, by } of lines) if (!by || (await personKey(tx, by)) !== me) others.push(text);
  const shown = others.slice(0, mostNamed);
  const more = others.length - shown.length;
  return [
    ...(await heldWords(tx, held, manner)),
    ...shown,
    ...(more > 0 ? [`And ${more} more; “review” lists what waits.`] : []),
  ].join("\n");
}

/** One notice for what came at one moment. */
async function heldWords(tx: Store, held: HeldArticle[], manner: DeskManner): Promise<string[]> {
  const [one, ...others] = held;
  if (!one) return [];
  const named = await Promise.all(held.slice(0, mostNamed).map((each) => storyWords(tx, each, manner)));
  const more = held.length - named.length;
  const { id } = one.article;
  const { now, timeZone } = manner;
  if (others.length > 0) {
    return [
      `${held.length} stories are held:`,
      ...named.map((words, index) => `${held[index]?.article.id}  ${words}`),
      ...(more > 0 ? [`and ${more} more.`] : []),
      `“review” lists them, “review show ${id}” shows one, “review send ${id}” lets it go, “review drop ${id}” drops it.`,
    ];
  }
  if (one.editors === 0) {
    return [
      `Held: ${named[0]}.`,
      `It goes out then by itself; “review send ${id} now” sends it at once, “review drop ${id}” drops it. Where the feed's clock is wrong, “crier feeds set ${one.article.feedId} --embargo off” ends that.`,
    ];
  }
  const end = one.expiresAt ? ` Undecided, it goes to nobody: until ${timeWords(one.expiresAt, now, timeZone)}.` : "";
  return [
    `Held: ${named[0]}.`,
    `“review show ${id}” shows it, “review send ${id}” lets it go, “review drop ${id}” drops it.${end}`,
  ];
}

async function storyWords(tx: Store, held: HeldArticle, manner: DeskManner): Promise<string> {
  const feed = await tx.feeds.get(held.article.feedId);
  return `${headline(held.article)} (${feed?.title ?? held.article.source}): ${reasonWords(held, manner)}`;
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
