import type { Story } from "#tests/crash/newsroom";
import { topics } from "#tests/crash/newsroom";
import type { Held, Platform } from "#tests/crash/platform";
import type { Chance } from "#tests/crash/random";

/** Something that a reader asked for: it holds from some moment between the question and its answer. */
interface Wish {
  /** The topic that is muted or heard again; null for the news as a whole. */
  topic: string | null;
  wants: boolean;
  askedAt: number;
  /** Its answer's place among the chat's answers. */
  answer: number;
}

export interface Reader {
  chat: string;
  /** Changes its mind about all news, or about topics; a steady one never does. */
  kind: "steady" | "wavering" | "choosy";
  wishes: Wish[];
  asked: number;
}

/** Whether a chat must hold a story, must not, or may: where a wish was under way nobody can say. */
type Due = "must" | "must not" | "may";

export const answersIn = (platform: Platform, chat: string): Held[] =>
  platform.held(chat).filter(({ kind }) => kind === "notice");

/** Readers who ask for news, no more news, and news without a topic. */
export function createReaders({ chance, tick, platform }: { chance: Chance; tick(): number; platform: Platform }) {
  const kinds = { steady: 8, wavering: 3, choosy: 3 } as const;
  const readers = Object.entries(kinds).flatMap(([kind, count]) =>
    Array.from(
      { length: count },
      (_, at): Reader => ({ chat: `${kind}-${at}`, kind: kind as Reader["kind"], wishes: [], asked: 0 }),
    ),
  );
  const ask = (reader: Reader, name: string, words: string, wish: Pick<Wish, "topic" | "wants">): void => {
    reader.wishes.push({ ...wish, askedAt: tick(), answer: reader.asked });
    reader.asked += 1;
    platform.write(reader.chat, name, words);
  };
  const answeredAt = ({ chat }: Reader, { answer }: Wish): number =>
    answersIn(platform, chat)[answer]?.at ?? Number.POSITIVE_INFINITY;

  /** What a reader's wishes say over a span of moments. */
  const stand = (reader: Reader, topic: string | null, [from, to]: [number, number]): "yes" | "no" | "unclear" => {
    const wishes = reader.wishes.filter((wish) => wish.topic === topic);
    if (wishes.some((wish) => wish.askedAt < to && answeredAt(reader, wish) > from)) return "unclear";
    const last = wishes.findLast((wish) => wish.askedAt < from);
    return (last?.wants ?? topic !== null) ? "yes" : "no";
  };

  return {
    all: readers as readonly Reader[],
    /** All ask for the news. */
    begin(): void {
      for (const reader of readers) ask(reader, "start", "", { topic: null, wants: true });
    },
    /** One of them changes its mind. */
    waver(): void {
      const reader = chance.one(readers.filter(({ kind }) => kind !== "steady"));
      const topic = reader.kind === "choosy" ? chance.one(topics) : null;
      const wants = !(reader.wishes.findLast((wish) => wish.topic === topic)?.wants ?? topic !== null);
      if (topic === null) ask(reader, wants ? "start" : "stop", "", { topic, wants });
      else ask(reader, wants ? "unmute" : "mute", topic, { topic, wants });
    },
    /** A story's chats are chosen between its publication and its first arrival anywhere. */
    due(
      reader: Reader,
      { topic, span, arrivedAt }: { topic: string | null; span: [number, number]; arrivedAt: number },
    ): Due {
      const parts = [stand(reader, null, span), ...(topic === null ? [] : [stand(reader, topic, span)])];
      if (parts.includes("no")) return "must not";
      if (parts.includes("unclear")) return "may";
      // Who stops gets nothing more of what was waiting.
      const stopsAt = reader.wishes.find(
        (wish) => wish.topic === null && !wish.wants && wish.askedAt > span[0],
      )?.askedAt;
      return stopsAt !== undefined && arrivedAt > stopsAt ? "may" : "must";
    },
    /** What it asked for and when, for whoever looks for a fault. */
    story: (reader: Reader): string =>
      reader.wishes
        .map((wish) => `${wish.wants ? "+" : "-"}${wish.topic ?? "news"} ${wish.askedAt}..${answeredAt(reader, wish)}`)
        .join(", "),
    /** Whether it has been subscribed all the time since then. */
    isSteadySince: (reader: Reader, at: number): boolean =>
      stand(reader, null, [at, Number.POSITIVE_INFINITY]) === "yes",
  };
}

export type Readers = ReturnType<typeof createReaders>;

/** The number in "Story 12, version 3: …". */
export const storyIn = (text: string): number | null => Number(/^Story (\d+),/.exec(text)?.[1] ?? 0) || null;

export const isNewest = ({ text }: Held, { headlines }: Story): boolean => text === headlines.at(-1);
