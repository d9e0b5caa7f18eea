import type { PageDeps } from "./deps.ts";
import { panesOf, speakersOf } from "./panes.ts";

/** What a visitor asked wrongly, in words to act on. */
export class Refusal extends Error {}

const refuse = (problem: string): never => {
  throw new Refusal(problem);
};

type Fields = Readonly<Record<string, unknown>>;

/** A field's text, trimmed and not longer than a platform takes. */
function textOf(fields: Fields, name: string, asked: string, most = 4096): string {
  const value = fields[name];
  const text = typeof value === "string" ? value.replace(/\r\n/g, "\n").trim() : "";
  if (text === "") return refuse(asked);
  return text.length > most ? refuse(`That is too long: ${most} characters at most.`) : text;
}

/** What each form does; the answer is a line for the visitor. */
export const actions: Readonly<Record<string, (deps: PageDeps, fields: Fields) => string>> = {
  publish({ newsroom }) {
    const article = newsroom.publishNext();
    return article
      ? `Published: ${article.title}`
      : refuse("Today’s edition is out. Break a story, or write one of your own.");
  },
  break: ({ newsroom }) => `Breaking: ${newsroom.breakStory().title}`,
  toggle({ newsroom }) {
    if (newsroom.isPlaying()) {
      newsroom.pause();
      return "The newsroom rests. Publish by hand, or resume it.";
    }
    newsroom.play();
    return newsroom.isPlaying()
      ? "The newsroom goes on, one article every few seconds."
      : refuse("Today’s edition is out. Break a story, or write one of your own.");
  },
  story({ newsroom }, fields) {
    const title = textOf(fields, "title", "Write a headline first.", 200);
    const summary = textOf(fields, "summary", "Write a summary of a sentence or two.", 1000);
    return `Published: ${newsroom.publish({ title, summary, breaking: fields.breaking === "yes" }).title}`;
  },
  correct({ newsroom }, fields) {
    const slug = textOf(fields, "slug", "Choose an article to correct.");
    const title = textOf(fields, "title", "The headline is missing.", 200);
    const summary = textOf(fields, "summary", "The summary is missing.", 1000);
    return newsroom.correct(slug, { title, summary })
      ? "Corrected. What readers have is edited as soon as Crier reads the feed again."
      : refuse("Nothing was changed in this article.");
  },
  broadcast({ phones: { telegram } }, fields) {
    const text = textOf(fields, "text", "Write what to broadcast.", 3000);
    const editor = telegram.people().find(({ isAdmin }) => isAdmin) ?? refuse("Nobody here may broadcast.");
    telegram.say(editor.id, editor.id, `/broadcast ${text}`);
    // The button tells how many chats it goes to: that is the second look which Crier asks for.
    telegram.say(editor.id, editor.id, "/broadcast send");
    return `${editor.name} told Crier to broadcast it.`;
  },
  say({ phones }, fields) {
    const phone = fields.platform === "whatsapp" ? phones.whatsapp : phones.telegram;
    if (!phone) return refuse("WhatsApp is off.");
    const pane =
      panesOf(phone).find(({ id }) => id === fields.chat) ?? refuse("There is no such chat. Load the page again.");
    const speaker =
      speakersOf(phone, pane).find(({ id }) => id === fields.person) ?? refuse("Nobody of this name is in this chat.");
    const text = textOf(fields, fields.quick ? "quick" : "text", "Write something first.");
    try {
      phone.say(pane.id, speaker.id, text);
    } catch (cause) {
      // A platform says in words why somebody may not write there.
      throw new Refusal(cause instanceof Error ? cause.message : "This cannot be said here.", { cause });
    }
    return "";
  },
};
