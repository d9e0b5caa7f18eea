import type { WebSocket } from "ws";
import { type PageSays, pageMessage, type ServerEvent } from "./wire.ts";

/** A page that is open in a browser. */
export interface Page {
  /** It holds the mark of the pairing. */
  isPaired: boolean;
  /** whatsapp-web.js waits for it to sync: pairing it now is safe. */
  isListening: boolean;
  /** Another page, or the test, took the account's connection from it. */
  isIdle: boolean;
  /** The part of the QR code that the page made itself. */
  keys: string;
  tell(event: ServerEvent): void;
  /** Who waits for the page to have taken in what it was told. */
  awaiting: (() => void)[];
  cut(): void;
}

/** An error that the page's caller gets to see, under this name. */
export class Refusal extends Error {
  constructor(message: string, name = "Error") {
    super(message);
    this.name = name;
  }
}

interface Listener {
  opened(page: Page): void;
  /** What it returns is the answer; an answer that never comes is left out with `undefined` from `silence`. */
  said(page: Page, say: PageSays): unknown;
  closed(page: Page): void;
}

/** Returned for what is never answered. */
export const silence = Symbol("silence");

/** Speaks with one page over its socket. */
export function attachPage(socket: WebSocket, listener: Listener): void {
  const write = (value: object): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(value));
  };
  const page: Page = {
    isPaired: false,
    isListening: false,
    isIdle: false,
    keys: "",
    tell: write,
    awaiting: [],
    cut: () => socket.terminate(),
  };

  const hear = async (data: string): Promise<void> => {
    const { ask, say } = pageMessage(JSON.parse(data));
    try {
      const value = await listener.said(page, say);
      if (ask !== null && value !== silence) write({ answer: ask, value: value ?? null });
    } catch (err) {
      const { name, message } = err instanceof Error ? err : new Error(String(err));
      if (ask !== null) write({ answer: ask, error: { name, message } });
    }
  };

  listener.opened(page);
  socket.on("message", (data) => {
    // A page of ours says nothing else: whoever does is cut off.
    hear(String(data)).catch(() => socket.terminate());
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => listener.closed(page));
}
