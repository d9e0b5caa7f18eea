import type { Platform } from "#tests/crash/platform";
import type { Chance } from "#tests/crash/random";
import { answersIn } from "#tests/crash/readers";
import { editorChat } from "#tests/crash/wire";

/** A broadcast as its editor knows it. */
interface Sent {
  number: number;
  text: string;
  /** Crier's own number of it; null before it has answered. */
  id: number | null;
  sentAt: number | null;
  state: "drafted" | "sent" | "paused" | "recalled";
}

/** An editor who writes broadcasts and steers them, one command after the other. */
export function createEditor({ chance, tick, platform }: { chance: Chance; tick(): number; platform: Platform }) {
  const broadcasts: Sent[] = [];
  let asked = 0;
  const ask = (words: string): void => {
    asked += 1;
    platform.write(editorChat, "broadcast", words);
  };
  const answers = () => answersIn(platform, editorChat);

  return {
    all: broadcasts as readonly Sent[],
    asked: (): number => asked,
    isAnswered: (): boolean => answers().length >= asked,
    /** The next step of one of the broadcasts, where the last one was answered. */
    act(): void {
      if (answers().length < asked) return;
      const last = broadcasts.at(-1);
      if (last?.state === "drafted") {
        last.id = Number(/^Broadcast (\d+) is a draft/.exec(answers().at(-1)?.text ?? "")?.[1] ?? 0) || null;
        if (last.id === null) throw new Error(`A draft was answered so: ${answers().at(-1)?.text}`);
        last.sentAt = tick();
        last.state = "sent";
        ask(`send ${last.id}`);
        return;
      }
      const steered = last?.state === "sent" || last?.state === "paused";
      if (last && steered && chance.in(last.state === "paused" ? 0.8 : 0.5)) {
        const [verb, state] =
          last.state === "paused" && chance.in(0.6)
            ? (["resume", "sent"] as const)
            : chance.in(0.5)
              ? (["recall", "recalled"] as const)
              : (["pause", "paused"] as const);
        if (verb === "pause" && last.state === "paused") return;
        last.state = state;
        ask(`${verb} ${last.id}`);
        return;
      }
      if (last?.state === "paused") return;
      const number = broadcasts.length + 1;
      const text = `Word ${number} to all readers.`;
      broadcasts.push({ number, text, id: null, sentAt: null, state: "drafted" });
      ask(text);
    },
    /** What is paused goes on, so that all comes to an end; true when nothing is left to be asked. */
    finish(): boolean {
      if (answers().length < asked) return false;
      const paused = broadcasts.find(({ state }) => state === "paused");
      if (!paused) return true;
      // It may have been done before the pause was heard: then there is nothing to resume.
      paused.state = "sent";
      ask(`resume ${paused.id}`);
      return false;
    },
  };
}

export type Editor = ReturnType<typeof createEditor>;
export const broadcastIn = (text: string): number | null => Number(/^Word (\d+) to all/.exec(text)?.[1] ?? 0) || null;
