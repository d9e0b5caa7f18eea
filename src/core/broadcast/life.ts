import { resolveAudience } from "#core/broadcast/audience";
import type {
  Author,
  Broadcast,
  BroadcastChange,
  BroadcastState,
  BroadcastStep,
  Course,
  PlatformCount,
  Store,
} from "#core/ports";

/** Who asks for a step, and with which call: the same call takes it once, however often it is told. */
export interface Call {
  key: string;
  /** Null for Crier itself. */
  by: Author | null;
  now: Date;
}

/** Chats that it would go to at this moment. */
export async function audienceNow(store: Store, { audience }: Pick<Broadcast, "audience">): Promise<PlatformCount[]> {
  return store.broadcasts.count(await resolveAudience(store, audience));
}

/** Lets it begin: counts and keeps its audience, and queues it. Null where it may not begin, or did so already. */
export function begin(
  store: Store,
  { id, spans, signature, audience }: Broadcast,
  { key, by, now }: Call,
  { from, dueBy }: { from: BroadcastState; dueBy?: Date },
): Promise<PlatformCount[] | null> {
  return store.transaction(async (tx) => {
    const change = { step: "begun", from: [from], to: "running", key, by, ...(dueBy ? { dueBy } : {}) } as const;
    if (!(await tx.broadcasts.change(id, change, now))) return null;
    const chats = await tx.broadcasts.freeze(id, await resolveAudience(tx, audience), now);
    const message = { key: `broadcast:${id}`, lane: "broadcast", kind: "broadcast", spans, signature } as const;
    const to = audience.chat === undefined ? "broadcast" : { chat: audience.chat };
    if (chats.length > 0) await tx.outbox.add({ ...message, broadcast: { id, action: "send" } }, to, now);
    return chats;
  });
}

/** Sets its time, or another one. */
export const schedule = (store: Store, { id }: Broadcast, dueAt: Date, { key, by, now }: Call): Promise<boolean> =>
  store.broadcasts.change(
    id,
    { step: "scheduled", from: ["draft", "scheduled"], to: "scheduled", key, by, dueAt, note: dueAt.toISOString() },
    now,
  );

type Steering = Extract<BroadcastStep, "paused" | "resumed" | "cancelled" | "recalled">;

/** What each of these steps leads from and to, and what becomes of what waits. */
const steerings: Readonly<Record<Steering, Pick<BroadcastChange, "from" | "to"> & { course: Course }>> = {
  paused: { from: ["running"], to: "paused", course: "held" },
  resumed: { from: ["paused"], to: "running", course: "goes" },
  cancelled: { from: ["draft", "scheduled", "running", "paused"], to: "cancelled", course: "dropped" },
  recalled: { from: ["running", "paused", "done", "cancelled"], to: "recalled", course: "dropped" },
};

/** Pauses, resumes, ends or takes back; false where its state does not allow it. */
export function steer(
  store: Store,
  { id, spans, signature }: Broadcast,
  step: Steering,
  { key, by, now }: Call,
): Promise<boolean> {
  const { from, to, course } = steerings[step];
  return store.transaction(async (tx) => {
    if (!(await tx.broadcasts.change(id, { step, from, to, key, by }, now))) return false;
    await tx.outbox.steer(id, course);
    if (step === "recalled") {
      const message = {
        key: `broadcast:${id}:recall`,
        lane: "broadcast",
        kind: "broadcast",
        spans,
        signature,
      } as const;
      await tx.outbox.add({ ...message, broadcast: { id, action: "recall" } }, "holders", now);
    }
    return true;
  });
}
