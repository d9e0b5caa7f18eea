import type { Newsroom } from "../newsroom.ts";
import type { Phone, PhoneMessage, PhoneRun } from "../phone.ts";
import { clockTime, type PageDeps } from "./deps.ts";
import { type Html, html, keyed, nothing } from "./html.ts";

type Context = Pick<PageDeps, "newsroom" | "timeZone">;

/** A message as a bubble: Crier's on the left, what the visitor says as somebody on the right. */
export function messageView(phone: Phone, message: PhoneMessage, context: Context): Html {
  const chat = phone.chats().find(({ id }) => id === message.chat);
  const isGroup = chat !== undefined && chat.kind !== "private";
  const { author, deleted } = message;
  const classes = `bubble ${author ? "mine" : "theirs"}${message.picture && !deleted ? " pictured" : ""}${deleted ? " deleted" : ""}`;
  const name = isGroup
    ? html`<p class="author ${author ? (author.isAdmin ? "editor" : "reader") : "crier"}">${author?.name ?? context.newsroom.name}</p>`
    : nothing;
  if (deleted) {
    const words = html`<div class="text">This message was deleted ${metaView(message, phone, context)}</div>`;
    return keyed("li", message.id, classes, html`${name}${words}`);
  }
  const preview = message.preview ? previewView(message.preview, phone, context) : nothing;
  const above = message.preview?.above ? preview : nothing;
  const under = message.preview?.above ? nothing : preview;
  const picture = message.picture
    ? html`<img class="picture" src="${pictureAddress(phone, message)}" alt="" loading="lazy">`
    : nothing;
  const quoted = message.quoted === null ? nothing : html`<p class="quoted" dir="auto">${message.quoted}</p>`;
  const text = html`<div class="text" dir="auto">${message.runs.map((run) => runView(run, context.newsroom))} ${metaView(message, phone, context)}</div>`;
  return keyed("li", message.id, classes, html`${name}${quoted}${picture}${above}${text}${under}`);
}

/** Pictures come from the page's own address, whether they were uploaded or named by a link. */
const pictureAddress = ({ platform }: Phone, { chat, id }: PhoneMessage): string =>
  `/sandbox/pictures/${platform}/${encodeURIComponent(chat)}/${encodeURIComponent(id)}`;

function metaView(message: PhoneMessage, phone: Phone, { timeZone }: Context): Html {
  const edited = message.editedAt && !message.deleted;
  const word = phone.platform === "telegram" ? "edited" : "Edited";
  const mark = edited
    ? html`<span class="edited" title="Edited at ${clockTime(message.editedAt ?? message.at, timeZone)}">${word}</span> `
    : nothing;
  const time = html`<time datetime="${message.at.toISOString()}">${clockTime(message.at, timeZone)}</time>`;
  // As on a real phone: who reads sees the ticks of their own messages alone.
  const ticks = message.author && !message.deleted ? ticksView(message.ticks, phone) : nothing;
  return html`<span class="meta" dir="ltr">${mark}${time}${ticks}</span>`;
}

/** Telegram has one tick for sent and two for read; WhatsApp two grey ones for delivered, which turn blue when read. */
function ticksView(ticks: 1 | 2 | 3, { platform }: Phone): Html {
  const isDouble = platform === "telegram" ? ticks === 3 : ticks >= 2;
  const label = ["Sent", "Delivered", "Read"][ticks - 1] ?? "Sent";
  const second = isDouble ? html`<path d="M7 8.2 8.8 10 15 3.4"/>` : nothing;
  return html`<svg class="ticks${ticks === 3 ? " read" : ""}" viewBox="0 0 17 12" width="17" height="12" role="img" aria-label="${label}"><path d="M1.5 6.4 5 10 11 3.4"/>${second}</svg>`;
}

function runView(run: PhoneRun, newsroom: Newsroom): Html {
  let view = html`${run.text}`;
  if (run.code) view = html`<code>${view}</code>`;
  if (run.strike) view = html`<s>${view}</s>`;
  if (run.underline) view = html`<u>${view}</u>`;
  if (run.italic) view = html`<i>${view}</i>`;
  if (run.bold) view = html`<b>${view}</b>`;
  const link = run.link === undefined ? null : safeLink(run.link, newsroom);
  return link ? html`<a href="${link}" target="_blank" rel="noopener noreferrer">${view}</a>` : view;
}

function previewView(preview: NonNullable<PhoneMessage["preview"]>, phone: Phone, { newsroom }: Context): Html {
  const link = safeLink(preview.link, newsroom);
  if (!link) return nothing;
  const article = newsroom.articles().find(({ url }) => url === preview.link);
  const title = preview.title ?? article?.title ?? null;
  const picture = article?.picture
    ? html`<img src="${new URL(article.picture).pathname}" alt="" loading="lazy">`
    : nothing;
  const site = article ? newsroom.name : URL.parse(preview.link)?.hostname;
  const words = html`<span class="words" dir="auto"><span class="site">${site}</span>${title ? html`<b>${title}</b>` : nothing}${
    article && phone.platform === "telegram" ? html`<span class="blurb">${article.summary}</span>` : nothing
  }</span>`;
  return html`<a class="preview ${preview.large ? "large" : "small"}" href="${link}" target="_blank" rel="noopener noreferrer">${picture}${words}</a>`;
}

/** An address that may be clicked: the newsroom's own pages under the page's address, the web's as they are; no other scheme. */
function safeLink(link: string, newsroom: Newsroom): string | null {
  const url = URL.parse(link);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return null;
  return url.origin === newsroom.origin ? url.pathname : url.href;
}
