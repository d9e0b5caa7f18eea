import { html, raw } from "hono/html";
import type { PublishedArticle } from "./article.ts";
import { pixelHeight, pixelWidth } from "./canvas.ts";
import { paperName } from "./edition.ts";

/** What an article's page may load: its own style and pictures of its own address. */
export const articlePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'";

const style = raw(`<style>
:root { color-scheme: light dark; --paper: #fbf9f4; --ink: #1b1a17; --soft: #6a6557; --rule: #ded8cb; --accent: #9a6b15; }
@media (prefers-color-scheme: dark) { :root { --paper: #16150f; --ink: #ede8dc; --soft: #a39c8b; --rule: #37342a; --accent: #d9a441; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 19px/1.6 "Source Serif 4", Georgia, serif; }
header, main { max-width: 660px; margin: 0 auto; padding: 20px; }
header { border-bottom: 1px solid var(--rule); font-weight: 700; font-size: 22px; }
header a { color: inherit; text-decoration: none; }
.kicker { color: var(--accent); font: 600 14px/1.4 system-ui, sans-serif; margin: 16px 0 0; }
h1 { font-size: 38px; line-height: 1.15; margin: 4px 0 12px; text-wrap: balance; }
.summary { font-size: 21px; line-height: 1.45; margin: 0 0 12px; }
.by { color: var(--soft); font: 14px/1.4 system-ui, sans-serif; }
img { width: 100%; height: auto; border-radius: 8px; margin: 8px 0; }
</style>`);

const rightToLeft = (language: string): boolean => /^(he|ar)\b/.test(language);

/** A page that says of itself, by OpenGraph, what chats show of a link. */
export const articlePage = (article: PublishedArticle) => html`<!doctype html>
<html lang="${article.language}" dir="${rightToLeft(article.language) ? "rtl" : "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${article.title} · ${paperName}</title>
<meta name="description" content="${article.summary}">
<meta name="author" content="${article.author}">
<link rel="canonical" href="${article.url}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="${paperName}">
<meta property="og:title" content="${article.title}">
<meta property="og:description" content="${article.summary}">
<meta property="og:url" content="${article.url}">
${
  article.picture
    ? html`<meta property="og:image" content="${article.picture}">
<meta property="og:image:width" content="${pixelWidth}">
<meta property="og:image:height" content="${pixelHeight}">
`
    : ""
}<meta property="article:published_time" content="${article.publishedAt.toISOString()}">
${style}
</head>
<body>
<header dir="ltr">${paperName}</header>
<main>
${article.kicker ? html`<p class="kicker">${article.kicker}</p>` : ""}
<h1>${article.title}</h1>
<p class="summary">${article.summary}</p>
<p class="by">${article.author}</p>
${article.picture ? html`<img src="${new URL(article.picture).pathname}" alt="" width="${pixelWidth}" height="${pixelHeight}">` : ""}
${article.body.map((paragraph) => html`<p>${paragraph}</p>`)}
</main>
</body>
</html>`;
