import { createTelegramBot } from "#bots/telegram/bot";
import type { ChatRef } from "#core/model";
import { systemClock } from "#src/clock";
import { startTelegramSimulator } from "#src/sandbox/telegram/index";
import { type BotWorld, describeBot } from "#tests/contract/bot";
import { createMemoryLog } from "#tests/fakes/log";

const platform = "telegram";
const group = (id: number, thread = ""): ChatRef => ({ platform, address: `${id}${thread}`, kind: "group" });
const privately = (id: string): ChatRef => ({ platform, address: id, kind: "private" });

describeBot("Telegram", async (): Promise<BotWorld> => {
  const simulator = await startTelegramSimulator({ limiter: "off", strict16: true });
  const admin = simulator.addPerson({ name: "Sam", isAdmin: true, started: true });
  const reader = simulator.addPerson({ name: "Noa", started: true });
  const room = simulator.addGroup({ title: "Readers", kind: "supergroup", botIsMember: true, admins: [admin.id] });
  const people = { admin: admin.id, reader: reader.id };
  const bot = createTelegramBot({
    token: simulator.token,
    apiRoot: simulator.apiRoot,
    admins: [admin.id],
    chats: [String(room)],
    perSecond: 30,
    log: createMemoryLog(),
    clock: systemClock,
    commands: [{ name: "stop", summary: "Get no more articles here", adminOnly: false }],
  });
  simulator.fault({ kind: "photo-refused", picture: "no-such-picture" });

  const stranger = (): string => simulator.addPerson({ name: "Guest", started: true }).id;
  const failing = (kind: "429" | "401" | "reset-after"): ChatRef => {
    const id = stranger();
    simulator.fault({ kind, method: "sendMessage", chat: Number(id), times: 1, retryAfter: 7 });
    return privately(id);
  };

  return {
    bot,
    chats: { admin: privately(admin.id), reader: privately(reader.id), group: group(room) },
    shown: ({ address }) =>
      simulator.phone
        .messages(address)
        .filter(({ author, deleted }) => author === null && !deleted)
        .map(({ runs, picture, editedAt }) => ({
          text: runs.map(({ text }) => text).join(""),
          picture: picture !== null,
          edited: editedAt !== null,
        })),
    say: ({ address }, person, text) => void simulator.say(address, people[person], text),
    fail: {
      "rate-limited": () => failing("429"),
      temporary: () => failing("401"),
      unknown: () => failing("reset-after"),
      // A topic that the forum does not have.
      rejected: () => group(simulator.addGroup({ title: "Forum", kind: "forum", botIsMember: true }), ":99"),
      gone: () => {
        const id = stranger();
        simulator.block(id);
        return privately(id);
      },
      moved: () => {
        const before = simulator.addGroup({ title: "Small", botIsMember: true });
        simulator.migrate(before);
        return group(before);
      },
    },
    invite: () => {
      const added = simulator.addGroup({ title: "New" });
      simulator.addBot(added, admin.id);
      return group(added);
    },
    remove: ({ address }) => simulator.removeBot(Number(address), admin.id),
    pictureUrl: "https://news.example/picture.jpg",
    tellsAgain: true,
    close: simulator.stop,
  };
});
