import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "#core/ports";

/** How a request showed that it may publish, or why it did not. */
type Admission =
  | { ok: true /** Makes a signed request good for one more try: its answer was none. */; release(): void }
  | { ok: false; status: 401 | 409; problem: string };

/** Checks who may use the webhook, and counts who tries in vain. */
export interface HookAuth {
  /** True while this address has failed too often. */
  isShut(from: string): boolean;
  /** `body` is called only where a signature has to be held against it; null: it was too long. */
  admit(
    headers: Readonly<Record<string, string>>,
    from: string,
    body: () => Promise<Uint8Array | null>,
  ): Promise<Admission | null>;
}

/** How far a signed request's time may be from ours, and so how long it could be played back. */
const windowMs = 5 * 60_000;
const mostFailures = 20;
const failuresMs = 60_000;
/** Addresses counted at once; a secret of 16 characters is not guessed from more. */
const mostAddresses = 10_000;

export function createHookAuth({ secret, clock }: { secret: string; clock: Pick<Clock, "now"> }): HookAuth {
  const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
  const own = digestOf(secret);
  const signatures = createReplayGuard();
  let failures = { since: 0, of: new Map<string, number>() };

  const countedNow = (): Map<string, number> => {
    const now = clock.now().getTime();
    if (now - failures.since >= failuresMs) failures = { since: now, of: new Map() };
    return failures.of;
  };
  const refuse = (from: string, problem: string): Admission => {
    const of = countedNow();
    if (of.has(from) || of.size < mostAddresses) of.set(from, (of.get(from) ?? 0) + 1);
    return { ok: false, status: 401, problem };
  };

  return {
    isShut: (from) => (countedNow().get(from) ?? 0) >= mostFailures,

    async admit(headers, from, body) {
      const signature = headers["x-crier-signature"];
      if (signature === undefined) {
        const token = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1];
        if (!token)
          return refuse(from, 'Send the header "Authorization: Bearer" with HOOK_SECRET, or sign the request.');
        if (!timingSafeEqual(digestOf(token), own))
          return refuse(from, "This is not the secret that HOOK_SECRET holds.");
        return { ok: true, release() {} };
      }

      const hex = /^sha256=([\da-f]{64})$/i.exec(signature.trim())?.[1]?.toLowerCase();
      if (!hex) return refuse(from, 'X-Crier-Signature must be "sha256=" and 64 hexadecimal digits.');
      const timestamp = headers["x-crier-timestamp"]?.trim() ?? "";
      const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : Number.NaN;
      const now = clock.now();
      if (!(Math.abs(now.getTime() - at) <= windowMs)) {
        const ours = Math.floor(now.getTime() / 1000);
        return refuse(from, `X-Crier-Timestamp must be the time now in seconds since 1970; here it is ${ours}.`);
      }
      const bytes = await body();
      if (!bytes) return null;
      const wanted = createHmac("sha256", secret).update(`${timestamp}.`).update(bytes).digest();
      if (!timingSafeEqual(wanted, Buffer.from(hex, "hex"))) {
        return refuse(from, 'X-Crier-Signature must sign the timestamp, "." and the body as sent, with HOOK_SECRET.');
      }
      if (!signatures.claim(hex, now)) {
        return { ok: false, status: 409, problem: "This signed request came before: sign it anew to send it again." };
      }
      return { ok: true, release: () => signatures.release(hex) };
    },
  };
}

/** Knows each signature for as long as its time is good. */
function createReplayGuard() {
  // Two generations of a whole window to both sides: nothing is searched for what may be forgotten.
  let since = 0;
  let newer = new Set<string>();
  let older = new Set<string>();
  return {
    /** False where it was claimed before. */
    claim(signature: string, now: Date): boolean {
      const age = now.getTime() - since;
      if (age >= 2 * windowMs) {
        older = age >= 4 * windowMs ? new Set() : newer;
        newer = new Set();
        since = now.getTime();
      }
      if (newer.has(signature) || older.has(signature)) return false;
      newer.add(signature);
      return true;
    },
    release(signature: string): void {
      newer.delete(signature);
      older.delete(signature);
    },
  };
}
