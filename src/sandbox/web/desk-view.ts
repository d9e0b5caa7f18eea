import type { PublishedArticle } from "../newsroom/article.ts";
import { clockTime, type PageDeps } from "./deps.ts";
import { type Html, html, keyed, nothing } from "./html.ts";

type Context = Pick<PageDeps, "newsroom" | "timeZone">;

/** The newsroom's desk: what is out, and what an editor can do. */
export const deskView = (
  deps: PageDeps,
  subscribed: number | null,
): Html => html`<section class="column desk" id="desk" aria-label="The newsroom's desk">
<div class="label"><h2 class="nameplate">${deps.newsroom.name}</h2><p>the newsroom’s desk</p></div>
<div class="card next"><p data-region="desk:next">${nextView(deps)}</p>
<div class="actions">
<form method="post" action="/sandbox/publish"><button class="primary">Publish next</button></form>
<form method="post" action="/sandbox/break"><button class="breaking">Break a story</button></form>
<form method="post" action="/sandbox/toggle"><button><span data-region="desk:toggle">${toggleView(deps)}</span></button></form>
</div></div>
<form class="broadcast" method="post" action="/sandbox/broadcast"><label for="broadcast">Broadcast, as the editor on Telegram</label>
<div class="row"><input id="broadcast" name="text" required maxlength="3000" dir="auto" autocomplete="off" placeholder="Good evening, Port Alder"><button><span data-region="desk:broadcast">${broadcastView(subscribed)}</span></button></div></form>
<details class="own"><summary>Write a story of your own</summary>
<form class="fields" method="post" action="/sandbox/story">
<label>Headline <input name="title" required maxlength="200" dir="auto" autocomplete="off"></label>
<label>Summary <textarea name="summary" required maxlength="1000" rows="3" dir="auto"></textarea></label>
<div class="row"><label class="check"><input type="checkbox" name="breaking" value="yes"> Breaking</label><button class="primary">Publish story</button></div>
</form></details>
<ol class="articles" data-region="desk:articles" tabindex="0" aria-label="Published articles">${articlesView(deps)}</ol>
</section>`;

export function nextView({ newsroom }: Context): Html {
  const next = newsroom.next();
  if (!next) return html`Today’s edition is out. Break a story, or write one of your own.`;
  const left = next.left === 1 ? "the last article" : `${next.left} articles to come`;
  return html`<span class="soft">Next, with ${left}:</span> <span class="serif" dir="auto" lang="${next.language}">${next.title}</span>`;
}

export const toggleView = ({ newsroom }: Context): Html => html`${newsroom.isPlaying() ? "Pause" : "Resume"}`;

export const broadcastView = (subscribed: number | null): Html =>
  subscribed === null
    ? html`Broadcast to all chats`
    : html`Broadcast to ${subscribed} ${subscribed === 1 ? "chat" : "chats"}`;

/** Newest first. */
export const articlesView = (context: Context): Html[] =>
  context.newsroom.articles().map((article) => articleView(article, context));

function articleView(article: PublishedArticle, { timeZone }: Context): Html {
  const { slug, title, summary, kicker, language, breaking, correctedAt, picture } = article;
  const over = breaking
    ? html`<span class="mark">Breaking</span>${kicker ? html` · ${kicker}` : nothing}`
    : html`${kicker ?? ""}`;
  const thumb = picture
    ? html`<img class="thumb" src="${new URL(picture).pathname}" alt="" width="80" height="60" loading="lazy">`
    : nothing;
  const inner = html`<article>${thumb}<p class="kicker" dir="auto" lang="${language}">${over}</p>
<h3 dir="auto" lang="${language}"><a href="${new URL(article.url).pathname}" target="_blank">${title}</a></h3>
<details><summary>${clockTime(article.publishedAt, timeZone)}${
    correctedAt ? html` · corrected ${clockTime(correctedAt, timeZone)}` : nothing
  } <span class="verb">Correct</span></summary>
<form class="fields" method="post" action="/sandbox/correct"><input type="hidden" name="slug" value="${slug}">
<label>Headline <input name="title" required maxlength="200" dir="auto" value="${title}"></label>
<label>Summary <textarea name="summary" required maxlength="1000" rows="3" dir="auto">${summary}</textarea></label>
<div class="row"><span class="soft">What readers have is edited in place.</span><button>Publish correction</button></div></form></details></article>`;
  return keyed("li", slug, breaking ? "is-breaking" : "", inner);
}
