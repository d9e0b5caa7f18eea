import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Chance } from "#tests/crash/random";

export const topics = ["sport", "harbour", "weather"] as const;

/** A story as its newsroom knows it. */
export interface Story {
  number: number;
  via: "feed" | "hook";
  breaking: boolean;
  topic: string;
  /** Its headlines, the newest last. */
  headlines: string[];
  isRetracted: boolean;
  /** When it was published, and last touched, by the test's own count. */
  publishedAt: number;
  touchedAt: number;
  /** By the clock, for what is removed by age. */
  publishedMs: number;
  /** It is old, and never changed again. */
  isFrozen: boolean;
}

const secret = "the-newsroom-and-nobody-else";
/** Stories that a feed shows. */
const shown = 40;
const words = "anchor basin copper delta ember fathom gravel heron island jetty kelp lantern mooring narrows".split(
  " ",
);

/** A newsroom with a feed that grows and changes, and a tool that hands stories in until they are taken. */
export async function openNewsroom({ chance, tick }: { chance: Chance; tick(): number }) {
  const stories: Story[] = [];
  const handedIn: object[] = [];
  let hook: string | null = null;
  let reads = 0;
  let changedAtRead = 0;
  const ending = new AbortController();

  const server = createServer((_request, response) => {
    reads += 1;
    response.writeHead(200, { "content-type": "application/atom+xml" }).end(feed());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const feed = (): string => {
    const own = stories.filter(({ via }) => via === "feed");
    const entries = own
      .filter(({ isRetracted }) => !isRetracted)
      .slice(-shown)
      .toReversed()
      .map(
        (story) =>
          `<entry><id>${idOf(story)}</id><title>${story.headlines.at(-1)}</title><link href="${linkOf(story)}"/>` +
          `<summary>${summaryOf(story)}</summary>` +
          `<published>${new Date(story.publishedMs).toISOString()}</published><category term="${story.topic}"/>` +
          `${story.breaking ? '<category term="breaking"/>' : ""}</entry>`,
      );
    const marks = own.filter(({ isRetracted }) => isRetracted).map((s) => `<at:deleted-entry ref="${idOf(s)}"/>`);
    return `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>The Harbour Bell</title><id>urn:bell</id>${marks.join("")}${entries.join("")}</feed>`;
  };

  const handIn = (story: Story): void => {
    if (story.via === "feed") {
      changedAtRead = reads;
      return;
    }
    const id = idOf(story);
    handedIn.push(
      story.isRetracted
        ? { id, retracted: true }
        : {
            id,
            title: story.headlines.at(-1),
            summary: summaryOf(story),
            url: linkOf(story),
            topics: [story.topic],
            breaking: story.breaking,
            publishedAt: new Date(story.publishedMs).toISOString(),
          },
    );
  };
  /** Hands in one after the other, each until Crier says that it has it. */
  const work = (async () => {
    while (!ending.signal.aborted) {
      const [next] = handedIn;
      if (next && hook) {
        try {
          const answer = await fetch(`${hook}/hooks/articles`, {
            method: "POST",
            headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
            body: JSON.stringify(next),
            signal: AbortSignal.any([ending.signal, AbortSignal.timeout(5_000)]),
          });
          await answer.body?.cancel();
          if (answer.status === 202) {
            handedIn.shift();
            continue;
          }
        } catch {
          // It was killed; the next one hears of it.
        }
      }
      await pause(15);
    }
  })();

  const touch = (story: Story): void => {
    story.touchedAt = tick();
    handIn(story);
  };
  const headline = (number: number, version: number): string =>
    `Story ${number}, version ${version}: ${chance.one(words)} ${chance.one(words)} ${chance.one(words)}`;

  return {
    feedUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`,
    secret,
    stories: stories as readonly Story[],
    /** Where Crier takes stories; null while it does not run. */
    setHook(url: string | null): void {
      hook = url;
    },
    publish(via: Story["via"] = chance.in(0.5) ? "feed" : "hook", breaking = chance.in(0.15)): Story {
      const number = stories.length + 1;
      const at = tick();
      // No two of one moment, in the order in which they came.
      const publishedMs = Math.max(Date.now(), (stories.at(-1)?.publishedMs ?? 0) + 1);
      const story: Story = {
        number,
        via,
        breaking,
        topic: chance.one(topics),
        headlines: [headline(number, 1)],
        isRetracted: false,
        publishedAt: at,
        touchedAt: at,
        publishedMs,
        isFrozen: false,
      };
      stories.push(story);
      handIn(story);
      return story;
    },
    correct(story: Story): void {
      story.headlines.push(headline(story.number, story.headlines.length + 1));
      touch(story);
    },
    retract(story: Story): void {
      story.isRetracted = true;
      touch(story);
    },
    /** True when all was handed in, and the feed was read since it changed. */
    isHeard: (): boolean => handedIn.length === 0 && reads > changedAtRead,
    async close(): Promise<void> {
      ending.abort();
      await work;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Newsroom = Awaited<ReturnType<typeof openNewsroom>>;

const idOf = ({ number }: Story): string => `urn:bell:${number}`;
const summaryOf = ({ number }: Story): string => `What is known of number ${number}.`;
const linkOf = ({ number }: Story): string => `https://bell.example/story/${number}`;
