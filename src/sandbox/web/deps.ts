import type { Newsroom } from "../newsroom.ts";
import type { Phone } from "../phone.ts";

/** One delivery of Crier's outbox, as people read it. */
export interface LedgerLine {
  /** Unique; the newest line has the highest. */
  id: number;
  /** The article's headline, or what else was sent: "Broadcast". */
  title: string;
  /** The chat's title. */
  chat: string;
  platform: string;
  /** As the outbox calls it: pending, sending, sent, failed, skipped, unknown, recalled. */
  state: string;
  reason: string | null;
  /** From queued to ended; null while it is not. */
  delayMs: number | null;
}

/** What the sandbox shows of the real Crier. */
export interface CrierView {
  /** The newest deliveries, newest first. */
  ledger(): Promise<LedgerLine[]>;
  /** Each bot's health by platform: starting, ready, degraded, blocked, stopped. */
  status(): Readonly<Record<string, string>>;
  /** How many chats a broadcast goes to, where known. */
  subscribed?(): Promise<number>;
}

/** The part of a logger that the sandbox uses. */
export interface SandboxLog {
  error(fields: object, text: string): void;
}

export interface PageDeps extends CrierView {
  newsroom: Newsroom;
  /** WhatsApp is null where there is no browser for it. */
  phones: { telegram: Phone; whatsapp: Phone | null };
  /** In which the page tells times. */
  timeZone: string;
  /** Under which the page may be asked for, besides IP addresses and localhost. */
  host: string;
  log: SandboxLog;
}

export const clockTime = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
