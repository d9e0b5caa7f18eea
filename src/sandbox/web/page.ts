import { raw } from "hono/html";
import type { LedgerLine, PageDeps } from "./deps.ts";
import { deskView } from "./desk-view.ts";
import { type Html, html, nothing } from "./html.ts";
import { ledgerView } from "./ledger-view.ts";
import { phoneOffView, phoneView } from "./phone-view.ts";
import { linkTo, type View, type Visit } from "./visit.ts";

const viewNames: readonly [View, string][] = [
  ["desk", "Newsroom"],
  ["telegram", "Telegram"],
  ["whatsapp", "WhatsApp"],
  ["ledger", "Deliveries"],
];

/** The whole page. `boot` tells one run of the sandbox from the next. */
export const pageView = (
  deps: PageDeps,
  visit: Visit,
  now: { lines: readonly LedgerLine[]; subscribed: number | null; boot: string },
): Html => html`${raw("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Crier’s sandbox</title>
<meta name="description" content="Crier between a simulated newsroom, Telegram and WhatsApp">
<link rel="icon" type="image/svg+xml" href="/sandbox/bell.svg">
<link rel="preload" as="font" type="font/woff2" href="/sandbox/serif-700.woff2" crossorigin>
<link rel="stylesheet" href="/sandbox/page.css">
<link rel="stylesheet" href="/sandbox/phones.css">
<script src="/sandbox/client.js" defer></script>
<noscript><meta http-equiv="refresh" content="12"></noscript>
</head>
<body data-view="${visit.view}" data-boot="${now.boot}">
<header class="masthead">
<a class="wordmark" href="/sandbox"><img src="/sandbox/bell.svg" alt="" width="28" height="28"> Crier</a>
<p class="simulated"><b>All of this is simulated on this machine:</b> the newspaper, both phones and everyone on them. Crier itself is real.</p>
<details class="live"><summary>Go live</summary><ol>
<li>Copy <code>.env.example</code> to <code>.env</code>.</li>
<li>Put your feed’s address into <code>FEEDS</code>.</li>
<li>Ask @BotFather on Telegram for a bot, and put its token into <code>TELEGRAM_BOT_TOKEN</code>.</li>
<li>For WhatsApp, set <code>WHATSAPP=on</code> and name your groups in <code>WHATSAPP_GROUPS</code>.</li>
<li>Run <code>npm start</code> again; for WhatsApp, scan the QR code that it shows.</li>
</ol></details>
</header>
<nav class="tabs" aria-label="Parts of the sandbox">${viewNames.map(
  ([view, name]) =>
    html`<a href="${linkTo(visit, { view })}" data-show="${view}"${view === visit.view ? html` aria-current="page"` : nothing}>${name}<span class="badge" hidden></span></a>`,
)}</nav>
<p class="note" role="status" aria-live="polite"></p>
<main>
<div class="columns">
${deskView(deps, now.subscribed)}
${phoneView(deps.phones.telegram, visit, deps)}
${deps.phones.whatsapp ? phoneView(deps.phones.whatsapp, visit, deps) : phoneOffView()}
</div>
${ledgerView(now.lines)}
</main>
</body>
</html>`;

/** Where something was asked wrongly and no script could say so in place. */
export const problemView = (problem: string, back: string): Html => html`${raw("<!doctype html>")}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Crier’s sandbox</title><link rel="stylesheet" href="/sandbox/page.css"></head>
<body><main class="problem"><p>${problem}</p><p><a href="${back}">Back to the sandbox</a></p></main></body></html>`;
