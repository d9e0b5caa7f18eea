import { chatsWords, totalOf } from "#core/broadcast/audience";
import { type Answer, refused } from "#core/broadcast/desk";
import type { Call } from "#core/broadcast/life";
import { momentWords } from "#core/broadcast/when";
import { type DeskSettings, forEditors, isEmbargoed, isFree } from "#core/desk/hold";
import { approversOf, personKey } from "#core/desk/people";
import { type Settled, settleHeld } from "#core/desk/release";
import { type DeskManner, decidedWords, headline, timeWords } from "#core/desk/say";
import type { ArticleId } from "#core/model";
import type { Author, HeldArticle, Store } from "#core/ports";

/** An editor at the desk. */
export interface Editor {
  call: Call & { by: Author };
  manner: DeskManner;
  settings: DeskSettings;
  /** Where an article is queued: in this moment, or by the Crier that runs, which looks each second. */
  how: "here" | "clock";
}

/** Work on a held article, of which one editor at a time can decide; who comes too late is told who decided. */
function withHeld(
  store: Store,
  id: ArticleId,
  { call, manner, settings }: Editor,
  work: (tx: Store, held: HeldArticle) => Promise<Answer>,
  /** Takes up again what went to nobody. */
  isRevived: (desk: "dropped" | "expired") => boolean = () => false,
): Promise<Answer> {
  return store.transaction(async (tx) => {
    await tx.articles.lock(id);
    const held = (await tx.desk.held(id)) ?? (await revived(tx, id, settings, call.now, isRevived));
    if (held) return work(tx, held);
    const record = await tx.why.article(id);
    return refused(record ? await decidedWords(tx, record, call.by, manner) : missing(id));
  });
}

const missing = (id: ArticleId): string => `There is no article ${id}.`;

async function revived(
  tx: Store,
  id: ArticleId,
  settings: DeskSettings,
  now: Date,
  isRevived: (desk: "dropped" | "expired") => boolean,
): Promise<HeldArticle | null> {
  const article = await tx.articles.get(id);
  if (!article || article.retractedAt || article.desk === null || article.desk === "held") return null;
  if (!isRevived(article.desk)) return null;
  const nothing = { reviewed: true, watched: null, embargoUntil: null, preflight: null, approvals: 0 };
  await tx.desk.hold(id, forEditors({ ...nothing, editors: 0, expiresAt: null }, settings, now), now);
  return tx.desk.held(id);
}

/**
 * Lets an article go: its page is not waited for any more, its time is, unless it shall go now or at another time. With
 * the two-person rule it goes when as many different editors have said so. What expired can be let go late; what another
 * editor dropped only with "now".
 */
export function send(store: Store, id: ArticleId, when: Date | "now" | null, editor: Editor): Promise<Answer> {
  const { call, manner } = editor;
  const { now, timeZone, mark } = manner;
  return withHeld(
    store,
    id,
    editor,
    async (tx, held) => {
      const { article } = held;
      const name = headline(article);
      if (held.editors === 0 && held.preflight === null && when === null && isEmbargoed(held, now)) {
        return refused(
          `${name} goes out ${whenWords(held, manner)} by itself. ${mark}review send ${id} now sends it at once.`,
        );
      }
      const approvers = await approversOf(tx, await tx.audit.steps(id));
      const me = await personKey(tx, call.by);
      const isNew = !approvers.has(me);
      if (!isNew && approvers.size < held.editors) {
        return refused(`You have let ${name} go already; another editor must too.`);
      }
      if (isNew) await write(tx, id, "approved", editor, when === "now" ? "now" : null);
      const approvals = approvers.add(me).size;
      const isEnough = approvals >= held.editors;
      const next: HeldArticle = { ...held, approvals };
      if (isEnough) next.preflight = null;
      if (when instanceof Date) next.embargoUntil = when;
      else if (when === "now" && isEnough) next.embargoUntil = null;
      if (next.embargoUntil?.getTime() !== held.embargoUntil?.getTime()) {
        await write(tx, id, "embargoed", editor, next.embargoUntil?.toISOString() ?? "no more");
      }
      if (!isEnough) {
        await tx.desk.change(next);
        const left = held.editors - approvals;
        return {
          done: true,
          text: `${name}: ${approvals} of ${held.editors} editors ${approvals === 1 ? "has" : "have"} let it go; ${left === 1 ? "one more" : `${left} more`} must. The other admins are told.`,
        };
      }
      return letGo(tx, next, editor);
    },
    (desk) => desk === "expired" || when === "now",
  );
}

/** Nothing of the editors keeps it any more: it goes out, at once or at its time. */
async function letGo(tx: Store, held: HeldArticle, { call, manner, settings, how }: Editor): Promise<Answer> {
  const { now, mark } = manner;
  const { id } = held.article;
  const name = headline(held.article);
  if (isEmbargoed(held, now)) {
    await tx.desk.change({ ...held, expiresAt: null });
    return {
      done: true,
      text: `${name} goes out ${whenWords(held, manner)} by itself. ${mark}review send ${id} now sends it at once, ${mark}review drop ${id} drops it.`,
    };
  }
  if (how === "clock") {
    await tx.desk.change({ ...held, expiresAt: null });
    return { done: true, text: `${name} goes out within a second where Crier runs, else when it starts.` };
  }
  const settled = await settleHeld(tx, held, { settings, by: call.by }, now);
  if (!settled || settled.waits) return refused(`${name} waits on.`);
  return { done: true, text: `${await goingOut(tx, settled, name)} ${mark}retract ${id} takes it back.` };
}

async function goingOut(tx: Store, { to, digestOnly }: Extract<Settled, { waits: false }>, name: string) {
  const filter = typeof to === "object" && "wants" in to ? { wants: [...to.wants] } : {};
  const chats = await tx.broadcasts.count(filter);
  if (digestOnly) return `${name} goes into the next digests.`;
  if (totalOf(chats) === 0) return `${name} is let go, but no subscribed chat wants it: it goes to nobody.`;
  return `${name} goes out to ${chatsWords(chats)}.`;
}

/** It goes to nobody. */
export function drop(store: Store, id: ArticleId, why: string | null, editor: Editor): Promise<Answer> {
  return withHeld(store, id, editor, async (tx, { article }) => {
    await tx.desk.end(id, "dropped");
    await tx.articles.leaveOut(id, why ? `an editor dropped it: ${why}` : "an editor dropped it");
    await write(tx, id, "dropped", editor, why);
    return {
      done: true,
      text: `${headline(article)} is dropped: it goes to nobody. ${editor.manner.mark}review send ${id} now sends it all the same.`,
    };
  });
}

/** It waits for a time, or without one until an editor lets it go; what was approved before such a stop does not count. */
export function hold(store: Store, id: ArticleId, until: Date | null, editor: Editor): Promise<Answer> {
  const { manner, settings } = editor;
  const { now, mark } = manner;
  return withHeld(store, id, editor, async (tx, held) => {
    const name = headline(held.article);
    if (until === null) {
      await tx.desk.change(forEditors({ ...held, reviewed: true, approvals: 0 }, settings, now));
      await write(tx, id, "held", editor, "an editor holds it");
      return { done: true, text: `${name} waits until an editor lets it go: ${mark}review send ${id}.` };
    }
    // Its page is expected at that time, and looked at from the beginning then.
    const preflight = held.preflight && { looks: 0, problem: null, nextAt: now };
    const next = { ...held, embargoUntil: until, preflight };
    await tx.desk.change(held.approvals < held.editors ? forEditors(next, settings, now) : next);
    await write(tx, id, "embargoed", editor, until.toISOString());
    const rest = isFree(next)
      ? "Then it goes out by itself."
      : `An editor must let it go, too: ${mark}review send ${id}.`;
    return {
      done: true,
      text: `${name} waits until ${timeWords(until, now, manner.timeZone)} (${manner.timeZone}). ${rest}`,
    };
  });
}

/** "at 18:30 (Asia/Jerusalem)" */
const whenWords = ({ embargoUntil }: HeldArticle, { now, timeZone }: DeskManner): string =>
  embargoUntil ? `${momentWords(embargoUntil, now, timeZone)} (${timeZone})` : "at any moment";

/** A step of an editor; the admins hear of an approval that is not the last one. */
const write = (
  tx: Store,
  article: ArticleId,
  step: "approved" | "embargoed" | "dropped" | "held",
  { call, how }: Editor,
  note: string | null,
): Promise<boolean> =>
  tx.audit.write(
    {
      article,
      step,
      key: `${call.key}:${step}:${article}`,
      by: call.by,
      note,
      isTold: step === "approved" || how === "clock",
    },
    call.now,
  );
