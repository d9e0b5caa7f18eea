import type { Command, Newsroom } from "#core/commands/command";
import { describe } from "#core/commands/decide";
import type { Chat, ChatRef, Span } from "#core/model";
import { nearest } from "#core/nearest";
import type { BotEvent, Clock, Inbox, Log, Store } from "#core/ports";
import { wantsAllAtOnce } from "#core/preferences";
import { plain } from "#core/spans";

export interface InboxDeps {
  store: Store;
  commands: readonly Command[];
  /** How the bot's commands are written. */
  mark: string;
  newsroom: Newsroom;
  clock: Clock;
  log: Log;
  onQueued(): void;
  tellAdmins(key: string, text: string): Promise<void>;
}

type Event<Kind extends BotEvent["kind"]> = Extract<BotEvent, { kind: Kind }>;

/**
 * Answers what a bot tells. Each event's changes and its answer are written in one transaction, under a key made
 * of the event's id: an event that the platform tells of twice is answered once.
 */
export function createInbox(deps: InboxDeps): Inbox {
  const { store, clock, log } = deps;

  const reply = async (tx: Store, chat: number, key: string, spans: Span[]): Promise<void> => {
    await tx.outbox.add({ key, lane: "reply", kind: "notice", spans }, { chat }, clock.now());
  };

  const onCommand = async (event: Event<"command">): Promise<void> => {
    const command = deps.commands.find((candidate) => candidate.name === event.name);
    // In a group an unknown command is another bot's.
    if (!command && event.chat.kind !== "private") return;
    const callKey = `${event.chat.platform}:${event.id}`;
    await store.transaction(async (tx) => {
      const { chat } = await tx.chats.open(event.chat, event.title, clock.now());
      const answer = await answerTo(tx, event, command, chat.id, callKey);
      await reply(tx, chat.id, `reply:${callKey}`, answer);
    });
    deps.onQueued();
  };

  const answerTo = async (
    tx: Store,
    event: Event<"command">,
    command: Command | undefined,
    chatId: number,
    callKey: string,
  ): Promise<Span[]> => {
    if (!command) return unknownCommand(event, deps);
    if (command.adminOnly && !event.from.isAdmin) {
      log.warn({ platform: event.chat.platform, chat: chatId, command: command.name }, "command refused: not an admin");
      return [
        plain(
          `${deps.mark}${command.name} is for the newsroom's editors. ${deps.mark}help lists what you can ask for.`,
        ),
      ];
    }
    const { from, spans } = event;
    const chat = { id: chatId, title: event.title, ...event.chat };
    const commands = deps.commands.filter((candidate) => !candidate.adminOnly || from.isAdmin);
    const { mark, newsroom } = deps;
    return command.run({ store: tx, now: clock.now(), chat, from, spans, callKey, mark, commands, newsroom });
  };

  const onJoined = async (event: Event<"joined">): Promise<void> => {
    const { chat: ref, title, by } = event;
    await store.transaction(async (tx) => {
      const now = clock.now();
      const { chat, isNew } = await tx.chats.open(ref, title, now);
      if (by === null) {
        // Named in the settings: subscribed once; who stops it there is not overruled at each start.
        if (isNew) await tx.subscriptions.begin(chat.id, now);
        return;
      }
      const key = `joined:${ref.platform}:${event.id}`;
      if (by.isAdmin) {
        await tx.subscriptions.begin(chat.id, now);
        await reply(tx, chat.id, key, await greeting(tx, chat, deps.mark));
      } else {
        await reply(tx, chat.id, key, strangerGreeting(deps.mark));
      }
    });
    if (by && !by.isAdmin) {
      await deps.tellAdmins(
        `stranger:${ref.platform}:${event.id}`,
        `Somebody who is not an admin of Crier added it to "${title ?? "a chat"}" on ${ref.platform}. Nothing is posted there until one of its admins writes ${deps.mark}start.`,
      );
    }
    deps.onQueued();
  };

  const withChat = async (ref: ChatRef, work: (tx: Store, chat: number) => Promise<void>): Promise<void> => {
    await store.transaction(async (tx) => {
      const chat = await tx.chats.find(ref.platform, ref.address);
      if (chat) await work(tx, chat.id);
    });
  };

  return async (event) => {
    switch (event.kind) {
      case "command":
        return onCommand(event);
      case "joined":
        return onJoined(event);
      case "left":
        return withChat(event.chat, (tx, chat) => tx.chats.close(chat, event.why, clock.now()));
      case "migrated":
        return withChat(event.chat, (tx, chat) => tx.chats.move(chat, event.to, clock.now()));
      case "health":
        // The outbox of a bot that is ready again must not wait.
        return deps.onQueued();
      default:
        event satisfies never;
    }
  };
}

function unknownCommand({ name, from }: Event<"command">, { commands, mark }: InboxDeps): Span[] {
  const names = commands.filter(({ adminOnly }) => !adminOnly || from.isAdmin).map((command) => command.name);
  const [meant] = nearest(name, names, 1);
  const hint = meant ? ` Did you mean ${mark}${meant}?` : "";
  return [plain(`There is no ${mark}${name.slice(0, 32)} here.${hint} ${mark}help lists what there is.`)];
}

async function greeting(store: Store, chat: Chat, mark: string): Promise<Span[]> {
  const preferences = await store.subscriptions.preferences(chat.id);
  const begin = wantsAllAtOnce(preferences)
    ? "Every new article comes here from now on."
    : `New articles come here from now on. ${await describe({ store, chat }, preferences)}`;
  return [plain(`${begin}\n${mark}topics chooses among them, ${mark}latest shows the newest, ${mark}stop ends it.`)];
}

const strangerGreeting = (mark: string): Span[] => [
  plain(`Nothing is posted here yet. An admin of this group can write ${mark}start to get every new article.`),
];
