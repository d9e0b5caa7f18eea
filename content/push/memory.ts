/** Past this the oldest are forgotten. */
const most = 1_000;

/** Remembers which topic a token stood for, until a time. */
export function createMemory() {
  const kept = new Map<string, { topic: string; until: Date }>();
  return {
    keep(token: string, topic: string, until: Date): void {
      kept.set(token, { topic, until });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
    holds(token: string, topic: string, now: Date): boolean {
      const found = kept.get(token);
      return found !== undefined && found.topic === topic && found.until > now;
    },
  };
}
