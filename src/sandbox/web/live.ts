import type { SSEStreamingApi } from "hono/streaming";
import type { Phone, PhoneMessage } from "../phone.ts";
import type { PageDeps } from "./deps.ts";
import { articlesView, broadcastView, nextView, toggleView } from "./desk-view.ts";
import type { Html } from "./html.ts";
import { linesView } from "./ledger-view.ts";
import { messageView } from "./message-view.ts";
import { panesOf } from "./panes.ts";
import { messagesView, statusView } from "./phone-view.ts";

/**
 * A part of the page as it is now. `list`: its elements are all of the region's; `parts`: others stay;
 * `text`: the region's whole content.
 */
interface Change {
  region: string;
  kind: "list" | "parts" | "text";
  html: string;
}

/** How often the outbox and the bots' health are looked at while somebody watches. */
const lookMs = 400;
const heartbeatMs = 15_000;

/** Tells one open page what changes until it is closed: first everything, as it may have missed something, then each change. */
export async function tellLive(stream: SSEStreamingApi, deps: PageDeps, boot: string): Promise<void> {
  const queue: Change[] = [];
  const told = new Map<string, string>();
  let wake = (): void => {};
  let toldAt = Date.now();

  const tell = (change: Change): void => {
    queue.push(change);
    wake();
  };
  /** Only where it differs from what the page has. */
  const tellWhole = (region: string, kind: "list" | "text", html: Html | Html[]): void => {
    const text = Array.isArray(html) ? html.join("") : String(html);
    if (told.get(region) === text) return;
    told.set(region, text);
    tell({ region, kind, html: text });
  };
  const phones = [deps.phones.telegram, deps.phones.whatsapp].filter((phone) => phone !== null);
  const tellDesk = (): void => {
    tellWhole("desk:next", "text", nextView(deps));
    tellWhole("desk:toggle", "text", toggleView(deps));
    tellWhole("desk:articles", "list", articlesView(deps));
  };
  const tellMessage = (phone: Phone) => (message: PhoneMessage) =>
    tell({
      region: `${phone.platform}:${message.chat}`,
      kind: "parts",
      html: String(messageView(phone, message, deps)),
    });
  const look = async (): Promise<void> => {
    for (const { platform } of phones) tellWhole(`status:${platform}`, "text", statusView(platform, deps));
    tellWhole("ledger", "list", linesView(await deps.ledger()));
    if (deps.subscribed) tellWhole("desk:broadcast", "text", broadcastView(await deps.subscribed()));
  };

  const ends = [deps.newsroom.watch(tellDesk), ...phones.map((phone) => phone.watch(tellMessage(phone)))];
  stream.onAbort(() => wake());
  try {
    await stream.writeSSE({ event: "hello", data: boot, retry: 1000 });
    tellDesk();
    for (const phone of phones)
      for (const pane of panesOf(phone))
        tellWhole(`${phone.platform}:${pane.id}`, "list", messagesView(phone, pane, deps));
    while (!stream.aborted) {
      await look();
      for (let change = queue.shift(); change && !stream.aborted; change = queue.shift()) {
        await stream.writeSSE({ event: "change", data: JSON.stringify(change) });
        toldAt = Date.now();
      }
      if (Date.now() - toldAt > heartbeatMs) {
        await stream.writeSSE({ event: "beat", data: "" });
        toldAt = Date.now();
      }
      await rest();
    }
  } finally {
    for (const end of ends) end();
  }

  /** Until something is to be told, or it is time to look. */
  function rest(): Promise<void> {
    if (queue.length > 0 || stream.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, lookMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
