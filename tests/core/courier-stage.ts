import { type Courier, createCourier } from "#core/deliver";
import type { Lease } from "#core/lease";
import type { BotLimits, Store } from "#core/ports";
import { tellAdmins } from "#core/tell";
import { createFakeBot } from "#tests/fakes/bot";
import { createNewsroom } from "#tests/fakes/newsroom";

export type Stage = Awaited<ReturnType<typeof createNewsroom>> & {
  bot: ReturnType<typeof createFakeBot>;
  /** Begins a courier over the store, or over what another process sees of it; returns how it ends. */
  run(store?: Store, lease?: Lease): () => Promise<void>;
  wake(): void;
};

/** Runs couriers over a real store and a platform in memory, and ends them. */
export async function withCourier(
  work: (stage: Stage) => Promise<void>,
  options: { limits?: Partial<BotLimits>; callMs?: number; finds?: "truth" | "unknowable" } = {},
): Promise<void> {
  const newsroom = await createNewsroom();
  const { clock, log } = newsroom;
  const bot = createFakeBot({ clock, ...options });
  await bot.start(async () => {});
  const couriers: { courier: Courier; end(): Promise<void> }[] = [];
  const run = (store: Store = newsroom.store, lease?: Lease): (() => Promise<void>) => {
    const stopping = new AbortController();
    const courier = createCourier({
      store,
      bot,
      clock,
      log,
      timeZone: "UTC",
      ...(lease ? { lease } : {}),
      tellAdmins: (key, text) => tellAdmins({ store, clock, admins: bot.adminChats }, key, text),
    });
    const running = courier.run(stopping.signal);
    const end = async (): Promise<void> => {
      stopping.abort();
      courier.wake();
      await running;
    };
    couriers.push({ courier, end });
    return end;
  };
  try {
    await work({ ...newsroom, bot, run, wake: () => couriers.forEach(({ courier }) => void courier.wake()) });
  } finally {
    await Promise.all(couriers.map(({ end }) => end()));
    await newsroom.close();
  }
}

export const texts = (held: { text: string }[]): string[] => held.map(({ text }) => text);
