import type { Phone } from "../phone.ts";
import type { PageDeps } from "./deps.ts";
import { type Html, html, nothing } from "./html.ts";
import { messageView } from "./message-view.ts";
import { type Pane, panesOf, roleOf, speakersOf } from "./panes.ts";
import { linkTo, openPane, type Visit } from "./visit.ts";

const platformNames = { telegram: "Telegram", whatsapp: "WhatsApp" } as const;
const commandMarks = { telegram: "/", whatsapp: "!" } as const;

/** A chat's bubbles, newest last; the page shows no more than these. */
const longest = 80;

export const messagesView = (phone: Phone, pane: Pane, deps: PageDeps): Html[] =>
  phone
    .messages(pane.id)
    .slice(-longest)
    .map((message) => messageView(phone, message, deps));

/** One of the two phones with all its chats, one of them open. */
export function phoneView(phone: Phone, visit: Visit, deps: PageDeps): Html {
  const { platform } = phone;
  const open = openPane(phone, visit);
  const panes = panesOf(phone);
  const tabs = panes.map(
    (pane) =>
      html`<a href="${linkTo(visit, { view: platform, [platform]: pane.id })}" data-open="${pane.id}"${pane.id === open?.id ? html` aria-current="page"` : nothing}>${pane.title}${
        pane.owner ? html` <small>${roleOf(pane.owner)}</small>` : nothing
      }<span class="badge" hidden></span></a>`,
  );
  return html`<section class="column" id="${platform}" aria-label="${platformNames[platform]}">
<div class="label"><h2>${platformNames[platform]}</h2><p class="status" data-region="status:${platform}">${statusView(platform, deps)}</p></div>
<div class="phone ${platform}" data-phone="${platform}">
<nav class="chats" aria-label="Chats on ${platformNames[platform]}">${tabs}</nav>
${panes.map((pane) => paneView(phone, pane, pane.id === open?.id, deps))}
</div>
</section>`;
}

function paneView(phone: Phone, pane: Pane, isOpen: boolean, deps: PageDeps): Html {
  const { platform } = phone;
  const form = `say-${platform}-${panesOf(phone).findIndex(({ id }) => id === pane.id)}`;
  return html`<div class="pane" data-pane="${pane.id}"${isOpen ? nothing : html` hidden`}>
<header class="bar"><span class="avatar" aria-hidden="true">H</span><div><h3>${pane.owner ? deps.newsroom.name : pane.title}</h3><p>${
    pane.owner ? `private chat, as ${pane.owner.name} the ${roleOf(pane.owner)} sees it` : membersOf(phone)
  }</p></div></header>
<div class="scroll" tabindex="0" role="log" aria-label="Messages"><ol class="thread" data-region="${platform}:${pane.id}">${messagesView(phone, pane, deps)}</ol>${emptyView(phone, pane, form)}</div>
<button class="newest" type="button" hidden>Newest message</button>
${sayView(phone, pane, form)}
</div>`;
}

const membersOf = (phone: Phone): string =>
  `Crier, ${phone
    .people()
    .map(({ name }) => name)
    .join(", ")}`;

/** Shown while the thread has no bubble. */
function emptyView({ platform }: Phone, pane: Pane, form: string): Html {
  if (!pane.owner) return html`<p class="empty">Articles arrive here by themselves.</p>`;
  const command = `${commandMarks[platform]}${pane.owner.isAdmin ? "help" : "start"}`;
  const promise = pane.owner.isAdmin ? "Ask what an editor can do." : "Subscribe, and every article comes here too.";
  return html`<div class="empty"><p>${promise}</p><button form="${form}" name="quick" value="${command}" formnovalidate>Say ${command}</button></div>`;
}

function sayView(phone: Phone, pane: Pane, form: string): Html {
  const mark = commandMarks[phone.platform];
  const speakers = speakersOf(phone, pane);
  const names = pane.owner && !pane.owner.isAdmin ? ["latest", "help", "start", "stop"] : ["latest", "help"];
  const choice =
    speakers.length > 1
      ? html`<fieldset class="speakers"><legend>Speak as</legend>${speakers.map(
          (person, index) =>
            html`<label><input type="radio" name="person" value="${person.id}"${index === 0 ? html` checked` : nothing}> ${person.name} <small>${roleOf(person)}</small></label>`,
        )}</fieldset>`
      : html`<input type="hidden" name="person" value="${speakers[0]?.id}">`;
  // After the button that sends, as Enter presses a form's first one.
  const commands = names.map(
    (name) => html`<button name="quick" value="${mark}${name}" formnovalidate>${mark}${name}</button>`,
  );
  const example = pane.owner?.isAdmin ? `Try ${mark}broadcast Good evening` : "Message";
  return html`<form class="say" id="${form}" method="post" action="/sandbox/say">
<input type="hidden" name="platform" value="${phone.platform}"><input type="hidden" name="chat" value="${pane.id}">
${choice}
<div class="write"><input name="text" required maxlength="4096" dir="auto" autocomplete="off" placeholder="${example}" aria-label="Message to ${pane.title}"><button class="send" aria-label="Send message"><svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M3.4 20.4 21.5 12 3.4 3.6 3.4 10 15 12 3.4 14z"/></svg></button></div>
<div class="commands">${commands}</div>
</form>`;
}

/** In place of the phone where there is no browser that WhatsApp Web could run in. */
export const phoneOffView = (): Html => html`<section class="column" id="whatsapp" aria-label="WhatsApp">
<div class="label"><h2>WhatsApp</h2><p class="status">off</p></div>
<div class="phone off"><p>WhatsApp needs a Chromium, and none was found. Install one or set <code>CHROME_PATH</code>, then start the sandbox again.</p></div>
</section>`;

const statusWords: Readonly<Record<string, string>> = {
  starting: "connecting…",
  ready: "connected",
  degraded: "connected, with a problem",
  blocked: "needs a person",
  stopped: "stopped",
};

export function statusView(platform: Phone["platform"], deps: PageDeps): Html {
  const state = deps.status()[platform] ?? "stopped";
  return html`<span class="state ${Object.hasOwn(statusWords, state) ? state : "stopped"}">${statusWords[state] ?? state}</span>`;
}
