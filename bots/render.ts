import type { Message } from "#core/model";
import { renderTelegram } from "./telegram/format.ts";
import { renderWhatsApp } from "./whatsapp/format.ts";

/** Stands for the chat where a message is only looked at. */
const someChat = "CHAT";

/** The message as a bot would send it: its text with the platform's marks, and all that the platform is sent. */
export function renderMessage(platform: "telegram" | "whatsapp", message: Message): { text: string; json: object } {
  if (platform === "telegram") {
    const rendered = renderTelegram(message, someChat);
    return { text: rendered.text, json: { method: rendered.method, payload: rendered.payload } };
  }
  const rendered = renderWhatsApp(message, someChat);
  return { text: rendered.payload.content, json: rendered };
}
