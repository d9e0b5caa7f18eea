/** Makes the page live: takes what the server tells, and sends forms without leaving the page. All markup comes escaped from the server. */

const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const find = (attribute, value, from = document) => from.querySelector(`[${attribute}="${CSS.escape(value)}"]`);

// ---- what the server tells

const stream = new EventSource("/sandbox/live");
stream.addEventListener("hello", ({ data }) => {
  // Another run of the sandbox knows nothing of what stands here.
  if (data !== document.body.dataset.boot) location.reload();
});
stream.addEventListener("change", ({ data }) => {
  const { region, kind, html } = JSON.parse(data);
  const place = find("data-region", region);
  if (!place) return;
  if (kind === "text") {
    if (place.innerHTML !== html) place.innerHTML = html;
  } else merge(place, html, kind === "list");
});

/** Brings a keyed list up to date, touching only what differs, and nothing that somebody is typing into. */
function merge(list, html, isWhole) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const pane = list.closest(".pane");
  const scroll = list.closest(".scroll");
  const known = new Map([...list.children].map((element) => [element.dataset.key, element]));
  const fresh = [];
  let at = list.firstElementChild;
  for (const next of [...template.content.children]) {
    const old = known.get(next.dataset.key);
    known.delete(next.dataset.key);
    if (!old) {
      if (isWhole) list.insertBefore(next, at);
      else list.append(next);
      fresh.push(next);
      continue;
    }
    at = old.nextElementSibling;
    if (old.dataset.version === next.dataset.version || isBusy(old)) continue;
    old.replaceWith(next);
    if (pane) flash(next);
  }
  if (isWhole) for (const gone of known.values()) if (!isBusy(gone)) gone.remove();
  if (fresh.length === 0) return;
  for (const element of fresh) if (fresh.length < 4) arrive(element);
  if (!pane) return;
  // In the turned list 0 is the newest message.
  const awaySince = scroll.scrollTop < -120;
  pane.querySelector(".newest").hidden = !awaySince;
  if (!awaySince) scroll.scrollTop = 0;
  count(pane, fresh.filter((element) => element.classList.contains("theirs")).length);
}

/** Somebody writes in it, and has not sent it. */
const isBusy = (element) =>
  element.contains(document.activeElement) && element.querySelector("details[open] form:not([data-sent])") !== null;

function arrive(element) {
  if (isCalm.matches) return;
  if (element.classList.contains("bubble")) {
    const from = element.classList.contains("mine") ? "translate(16px, 12px)" : "translate(-16px, 12px)";
    element.animate(
      [
        { opacity: 0, transform: from },
        { opacity: 1, transform: "none" },
      ],
      {
        duration: 320,
        easing: "cubic-bezier(.2,.7,.2,1)",
      },
    );
  } else flash(element);
}

function flash(element) {
  if (isCalm.matches) return;
  const colour = getComputedStyle(document.body).getPropertyValue("--fresh");
  element.animate([{ backgroundColor: colour }, {}], { duration: 1600, easing: "ease-out" });
}

// ---- chats and tabs

/** Counts on the tabs what arrived out of sight. */
function count(pane, arrived) {
  const phone = pane.closest(".phone");
  const part = phone.dataset.phone;
  if (pane.hidden) bump(find("data-open", pane.dataset.pane, phone), arrived);
  const isShown = document.body.dataset.view === part;
  if (!isShown) bump(find("data-show", part), arrived);
}

function bump(tab, by) {
  const badge = tab?.querySelector(".badge");
  if (!badge || by === 0) return;
  badge.textContent = String(Number(badge.textContent) + by);
  badge.hidden = false;
}

function choose(tabs, chosen) {
  for (const tab of tabs) tab.removeAttribute("aria-current");
  chosen.setAttribute("aria-current", "page");
  const badge = chosen.querySelector(".badge");
  badge.textContent = "";
  badge.hidden = true;
}

/** Keeps the address true, so that a reload and a form without script come back to the same view. */
function remember(name, value) {
  const url = new URL(location.href);
  url.searchParams.set(name, value);
  history.replaceState(null, "", url);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link?.dataset.show) {
    event.preventDefault();
    choose(document.querySelectorAll("[data-show]"), link);
    document.body.dataset.view = link.dataset.show;
    remember("view", link.dataset.show);
  } else if (link?.dataset.open) {
    event.preventDefault();
    const phone = link.closest(".phone");
    choose(phone.querySelectorAll("[data-open]"), link);
    for (const pane of phone.querySelectorAll(".pane")) pane.hidden = pane.dataset.pane !== link.dataset.open;
    remember(phone.dataset.phone, link.dataset.open);
  } else if (event.target.closest(".newest")) {
    const button = event.target.closest(".newest");
    button.previousElementSibling.scrollTo({ top: 0, behavior: isCalm.matches ? "auto" : "smooth" });
    button.hidden = true;
  } else {
    const live = document.querySelector(".live[open]");
    if (live && !live.contains(event.target)) live.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const live = document.querySelector(".live[open]");
  if (event.key === "Escape" && live) {
    live.open = false;
    live.querySelector("summary").focus();
  }
});

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (target.classList?.contains("scroll") && target.scrollTop > -40) target.nextElementSibling.hidden = true;
  },
  { capture: true, passive: true },
);

// ---- what the visitor does

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  const isQuick = event.submitter?.name === "quick";
  form.dataset.sent = "";
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "application/json" } });
    if (!answer.headers.get("content-type")?.includes("json")) throw new Error(await answer.text());
    const { note } = await answer.json();
    say(note);
    if (answer.ok && !isQuick) clear(form);
  } catch (error) {
    say(error instanceof TypeError ? "The sandbox does not answer. Is it still running?" : error.message);
  } finally {
    delete form.dataset.sent;
  }
});

/** What was sent is cleared; who speaks stays chosen, and a correction's form closes. */
function clear(form) {
  for (const field of form.querySelectorAll("input[name=text]")) field.value = "";
  const details = form.closest("details");
  if (!details) return;
  if (details.classList.contains("own")) form.reset();
  details.open = false;
  // The server's answer may have replaced the article that the form stands in.
  const key = form.closest("[data-key]")?.dataset.key;
  const place =
    details.isConnected || key === undefined ? details : find("data-key", key, document.querySelector(".articles"));
  place?.querySelector("summary").focus();
}

let noteTimer;
function say(note) {
  const place = document.querySelector(".note");
  place.textContent = note;
  clearTimeout(noteTimer);
  if (note) noteTimer = setTimeout(() => say(""), 5000);
}
