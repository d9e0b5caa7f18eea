import { commands } from "#core/commands/index";
import { createInbox } from "#core/inbox";
import type { ChatRef, Person, Span } from "#core/model";
import { textOf } from "#core/spans";
import { createSabbaths } from "#src/sabbath";
import { deskSettings } from "#tests/fakes/desk";
import { createNewsroom } from "#tests/fakes/newsroom";

export const reader: Person = { id: "5", isAdmin: false, governsChat: true };
export const member: Person = { id: "6", isAdmin: false, governsChat: false };
export const editor: Person = { id: "1", isAdmin: true, governsChat: true };
export const privately: ChatRef = { platform: "fake", address: "5", kind: "private" };
export const group: ChatRef = { platform: "fake", address: "-100", kind: "group" };

async function createDesk() {
  const newsroom = await createNewsroom();
  const { store, clock, log } = newsroom;
  const told: string[] = [];
  let calls = 0;
  const inbox = createInbox({
    store,
    commands,
    mark: "/",
    newsroom: {
      timeZone: "Asia/Jerusalem",
      sabbaths: createSabbaths(),
      desk: deskSettings,
      paces: [{ platform: "fake", perSecond: 10 }],
    },
    clock,
    log,
    onQueued: () => {},
    tellAdmins: async (_key, text) => void told.push(text),
  });
  /** Everything that waits to be said, in order, with where it goes. */
  const said = async () => {
    const claimed = [];
    for (;;) {
      const batch = await store.outbox.claim("fake", 50, [], clock.now());
      if (batch.length === 0) return claimed;
      for (const delivery of batch) {
        const { chat, content, lane } = delivery;
        await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: "1" } }, clock.now());
        claimed.push({
          to: chat.address,
          lane,
          text:
            content.kind === "article"
              ? content.article.title
              : content.kind === "digest"
                ? content.sections.flatMap(({ articles }) => articles.map(({ title }) => title)).join(", ")
                : textOf(content.spans),
          content,
        });
      }
    }
  };
  const command = (name: string, from: Person, chat: ChatRef, spans: Span[] = [], id = `call ${calls++}`) =>
    inbox({ kind: "command", id, chat, title: "A chat", from, name, spans });
  return {
    ...newsroom,
    inbox,
    said,
    told,
    command,
    /** What the reader, or another one, is answered to a line: "/topics Sport". */
    async ask(line: string, chat: ChatRef = privately, from: Person = reader): Promise<string> {
      const [name = "", ...rest] = line.replace(/^\//, "").split(" ");
      await command(name, from, chat, rest.length > 0 ? [{ text: rest.join(" ") }] : []);
      return (await said()).map(({ text }) => text).join("\n");
    },
    async preferences(chat: ChatRef = privately) {
      const found = await store.chats.find(chat.platform, chat.address);
      return found ? store.subscriptions.preferences(found.id) : null;
    },
  };
}

/** A newsroom's store with an inbox before it, for as long as the work lasts. */
export async function desk(work: (desk: Awaited<ReturnType<typeof createDesk>>) => Promise<void>): Promise<void> {
  const opened = await createDesk();
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}
