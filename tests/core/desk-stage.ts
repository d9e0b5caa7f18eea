import { compilePattern } from "#content/shared/pattern";
import { commands } from "#core/commands/index";
import { createDesk } from "#core/desk";
import type { DeskSettings } from "#core/desk/hold";
import { createInbox } from "#core/inbox";
import type { Article, ChatRef, FeedRules, Span } from "#core/model";
import type { Store } from "#core/ports";
import { createRoutes } from "#core/route";
import { compileRules } from "#core/rules";
import { textOf } from "#core/spans";
import { type TakenIn, takeIn } from "#core/take-in";
import { createSabbaths } from "#src/sabbath";
import { deskSettings } from "#tests/fakes/desk";
import { createNewsroom } from "#tests/fakes/newsroom";

const timeZone = "Asia/Jerusalem";
/** The editors' private chats, on both platforms. */
export const edna: ChatRef = { platform: "telegram", address: "10001", kind: "private" };
export const dov: ChatRef = { platform: "whatsapp", address: "972501111111@c.us", kind: "private" };
const admins = [edna, dov];
const names: Readonly<Record<string, string>> = { [edna.address]: "Edna", [dov.address]: "Dov" };

async function createStage(place: { databaseUrl?: string }, settings: DeskSettings) {
  const newsroom = await createNewsroom(place);
  const { store, clock, log, feed } = newsroom;
  const rules = new Map<number, FeedRules>();
  const shown = new Map<string, { article: number | null; text: string }[]>();
  let calls = 0;
  let broken: string | null = null;

  /** Carries out all that waits, as a platform that takes everything; answers what the editors were told. */
  const deliver = async (): Promise<string[]> => {
    const told: string[] = [];
    while (!(await store.outbox.fanOut(100, clock.now())));
    for (const platform of ["telegram", "whatsapp"]) {
      for (;;) {
        const claimed = await store.outbox.claim(platform, 50, [], clock.now());
        if (claimed.length === 0) break;
        for (const delivery of claimed) {
          const { action, chat, content } = delivery;
          const held = shown.get(chat.address) ?? [];
          shown.set(chat.address, held);
          const now = clock.now();
          if (action !== "send" && platform === broken) {
            await store.outbox.finish(
              delivery,
              { state: "failed", reason: "The message is too old to be changed." },
              now,
            );
            continue;
          }
          if (content.kind !== "article") {
            const text = content.kind === "notice" || content.kind === "broadcast" ? textOf(content.spans) : "";
            told.push(`${names[chat.address] ?? chat.address}: ${text}`);
            await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: "1" } }, now);
            continue;
          }
          const { article } = content;
          const text = `${article.title} | ${article.summary}`;
          const copy = held.find((one) => one.article === article.id);
          if (action === "recall") {
            shown.set(
              chat.address,
              held.filter((one) => one !== copy),
            );
            await store.outbox.finish(delivery, { state: "recalled" }, now);
            continue;
          }
          if (copy && action === "correct") copy.text = text;
          else held.push({ article: article.id, text });
          await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: String(article.id) } }, now);
        }
      }
    }
    return told;
  };

  const inbox = createInbox({
    store,
    commands,
    mark: "/",
    newsroom: { timeZone, sabbaths: createSabbaths(), desk: settings, paces: [] },
    clock,
    log,
    onQueued: () => {},
    tellAdmins: async () => {},
  });
  const deskOver = (over: Store) =>
    createDesk({ store: over, clock, log, timeZone, settings, admins, onQueued: () => {} });
  const desk = deskOver(store);

  return {
    ...newsroom,
    settings,
    deskOver,
    deliver,
    /** From now on corrections and recalls fail on a platform. */
    breakEdits: (platform: string): void => void (broken = platform),
    /** What a feed's reader sees of news in a chat. */
    shows: (address: string): string[] =>
      (shown.get(address) ?? []).flatMap(({ article, text }) => (article === null ? [] : text)),
    setRules: (given: FeedRules, id = feed.id): void => void rules.set(id, given),
    /** A feed's read, over the store or over what another process sees of it. */
    async read(
      articles: Article[],
      { retracted = [] as string[], feed: from = feed.id, over = store } = {},
    ): Promise<TakenIn[]> {
      const ofFeed = rules.get(from) ?? {};
      await store.feeds.setRules(from, ofFeed);
      const rule = compileRules(ofFeed, compilePattern);
      const routes = createRoutes();
      return over.transaction(async (tx) =>
        takeIn(
          tx,
          { id: from, rules: ofFeed },
          { articles, retracted, rule, sends: "all", route: await routes(tx), desk: settings },
          clock.now(),
        ),
      );
    },
    /** What Crier does each second; answers what the editors were told. */
    async ring(): Promise<string[]> {
      await desk.runDue(new AbortController().signal);
      return deliver();
    },
    /** What an editor is answered to a line, before anything else is told. */
    async ask(line: string, who: ChatRef = edna, id = `call ${calls++}`, over: ChatRef = who): Promise<string> {
      const [name = "", ...rest] = line.replace(/^\//, "").split(" ");
      const spans: Span[] = rest.length > 0 ? [{ text: rest.join(" ") }] : [];
      const from = { id: who.address, isAdmin: true, governsChat: true };
      const title = names[who.address] ?? null;
      await inbox({ kind: "command", id, chat: over, title, from, name, spans });
      const mine = `${names[over.address] ?? over.address}: `;
      return (await deliver()).flatMap((told) => (told.startsWith(mine) ? told.slice(mine.length) : [])).join("\n");
    },
    inbox,
  };
}

export type DeskStage = Awaited<ReturnType<typeof createStage>>;

/** A newsroom with an editors' desk, two editors and a reader on each platform, for as long as the work lasts. */
export async function withDesk(
  place: { databaseUrl?: string },
  work: (stage: DeskStage) => Promise<void>,
  settings: Partial<DeskSettings> = {},
): Promise<void> {
  const stage = await createStage(place, { ...deskSettings, ...settings });
  try {
    await stage.subscribe("ada", "private", "telegram");
    await stage.subscribe("ben@c.us", "private", "whatsapp");
    await work(stage);
  } finally {
    await stage.close();
  }
}
