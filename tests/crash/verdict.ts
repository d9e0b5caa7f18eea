import { broadcastIn, type Editor } from "#tests/crash/editor";
import type { Newsroom, Story } from "#tests/crash/newsroom";
import type { Held, Platform } from "#tests/crash/platform";
import { answersIn, isNewest, type Reader, type Readers, storyIn } from "#tests/crash/readers";
import { editorChat } from "#tests/crash/wire";

export interface Books {
  platform: Platform;
  newsroom: Newsroom;
  readers: Readers;
  editor: Editor;
}

/** Faults that no time can mend: something came twice, out of order, or to whom it must not come. */
export interface Verdict {
  wrong: string[];
  /** What has not come yet, or not in its newest words. */
  missing: string[];
}

/** Holds what the chats hold against what was published and asked for. It knows nothing of how Crier works. */
export function judge(books: Books): Verdict {
  const wrong: string[] = [];
  const missing: string[] = [];
  const { platform, newsroom, readers, editor } = books;
  const firstArrivals = firstOf(platform);
  for (const reader of readers.all) {
    const held = platform.held(reader.chat);
    const stories = Map.groupBy(held, ({ text }) => storyIn(text));
    for (const story of newsroom.stories) {
      judgeStory({ reader, story, copies: stories.get(story.number) ?? [], firstArrivals, readers, wrong, missing });
    }
    const words = Map.groupBy(held, ({ text }) => broadcastIn(text));
    for (const sent of editor.all) {
      const copies = words.get(sent.number) ?? [];
      const name = `word ${sent.number} in ${reader.chat}`;
      if (copies.length > 1) wrong.push(`${name} came ${copies.length} times`);
      if (sent.sentAt === null) {
        if (copies.length > 0) wrong.push(`${name} came although it is a draft`);
        continue;
      }
      const span: [number, number] = [
        sent.sentAt,
        firstArrivals.get(`word ${sent.number}`) ?? Number.POSITIVE_INFINITY,
      ];
      const due = readers.due(reader, { topic: null, span, arrivedAt: copies[0]?.at ?? Number.POSITIVE_INFINITY });
      if (due === "must not" && copies.length > 0) wrong.push(`${name} came to somebody who is not subscribed`);
      if (due === "must" && copies.length === 0 && sent.state !== "recalled") missing.push(`${name} has not come`);
      if (sent.state === "recalled" && copies.some(({ isGone }) => !isGone)) missing.push(`${name} is still there`);
      if (sent.state !== "recalled" && copies.some(({ isGone }) => isGone)) wrong.push(`${name} was taken back`);
    }
    wrong.push(...disorder(held, newsroom.stories).map((fault) => `${fault} in ${reader.chat}`));
    judgeAnswers(reader.chat, answersIn(platform, reader.chat).length, reader.asked, wrong, missing);
  }
  judgeAnswers(editorChat, answersIn(platform, editorChat).length, editor.asked(), wrong, missing);
  if (!newsroom.isHeard() || platform.untaken() > 0) missing.push("Crier has not heard everything");
  return { wrong, missing };
}

function judgeStory({
  reader,
  story,
  copies,
  firstArrivals,
  readers,
  wrong,
  missing,
}: {
  reader: Reader;
  story: Story;
  copies: Held[];
  firstArrivals: Map<string, number>;
  readers: Readers;
} & Verdict): void {
  const name = `story ${story.number} (${story.topic}, ${story.via}, at ${story.publishedAt}) in ${reader.chat} (${readers.story(reader)})`;
  const [copy] = copies;
  if (copies.length > 1) wrong.push(`${name} came ${copies.length} times`);
  const span: [number, number] = [
    story.publishedAt,
    firstArrivals.get(`story ${story.number}`) ?? Number.POSITIVE_INFINITY,
  ];
  const arrivedAt = copy?.at ?? Number.POSITIVE_INFINITY;
  const due = readers.due(reader, { topic: story.topic, span, arrivedAt });
  if (due === "must not" && copy) wrong.push(`${name} came to somebody who does not want it`);
  if (due === "must" && !copy && !story.isRetracted) missing.push(`${name} has not come`);
  if (!copy) return;
  if (story.isRetracted && !copy.isGone) missing.push(`${name} is still there`);
  if (!story.isRetracted && copy.isGone) wrong.push(`${name} was taken back`);
  const mayBeOld = story.isRetracted || !readers.isSteadySince(reader, story.touchedAt);
  if (!mayBeOld && !isNewest(copy, story)) missing.push(`${name} has not its newest words`);
}

/** When each story and each broadcast first arrived anywhere. */
function firstOf(platform: Platform): Map<string, number> {
  const first = new Map<string, number>();
  for (const chat of platform.chats()) {
    for (const { text, at, kind } of platform.held(chat)) {
      const [story, word] = [storyIn(text), broadcastIn(text)];
      const name = story
        ? `story ${story}`
        : word && kind === "broadcast" && chat !== editorChat
          ? `word ${word}`
          : null;
      if (name) first.set(name, Math.min(at, first.get(name) ?? at));
    }
  }
  return first;
}

/** Stories of one way and lane come in the order in which they were published. */
function disorder(held: readonly Held[], stories: readonly Story[]): string[] {
  const faults: string[] = [];
  const last = new Map<string, number>();
  for (const { text } of held) {
    const number = storyIn(text);
    const story = number === null ? undefined : stories[number - 1];
    if (!story) continue;
    const way = `${story.via} ${story.breaking}`;
    const before = last.get(way) ?? 0;
    if (story.number < before) faults.push(`story ${story.number} came after story ${before}`);
    last.set(way, Math.max(before, story.number));
  }
  return faults;
}

function judgeAnswers(chat: string, got: number, asked: number, wrong: string[], missing: string[]): void {
  if (got > asked) wrong.push(`${chat} got ${got} answers to ${asked} questions`);
  if (got < asked) missing.push(`${chat} got ${got} answers to ${asked} questions`);
}
