import { nameKey } from "#core/article-text";
import { feedName } from "#core/commands/decide";
import type { SabbathCalendar } from "#core/hours/sabbath";
import type { FeedId } from "#core/model";
import type { ChatView, Store } from "#core/ports";
import { preferencesWords } from "#core/preferences";
import { openStore } from "#store/open";
import type { Config } from "../../config.ts";
import { createSabbaths } from "../../sabbath.ts";
import { Failure } from "../misuse.ts";
import { plain } from "../say.ts";
import { placeOf } from "../store.ts";

/** What the commands about chats work with. */
export interface Desk {
  store: Store;
  now: Date;
  /** The newsroom's. */
  zone: string;
  sabbaths: SabbathCalendar;
  /** What a chat gets, in sentences for a terminal. */
  words(chat: Pick<ChatView, "preferences">): Promise<string>;
  close(): Promise<void>;
}

/** Opens the store of the settings; it may be that of a running Crier. */
export async function openDesk(config: Config): Promise<Desk> {
  const store = await openStore(placeOf(config));
  let names: Map<FeedId, string> | undefined;
  return {
    store,
    now: new Date(),
    zone: config.timeZone,
    sabbaths: createSabbaths(),
    async words({ preferences }) {
      names ??= new Map((await store.feeds.list()).map((feed) => [feed.id, feedName(feed)]));
      const known = names;
      const words = preferencesWords(preferences, {
        gets: "Gets",
        feedName: (id) => known.get(id) ?? `feed ${id}, which ended`,
      });
      // A terminal takes no marks of direction.
      return plain(words.replace(/[\u2068\u2069]/g, ""));
    },
    close: () => store.close(),
  };
}

const pageSize = 500;

/** Every chat, page by page. */
export async function* pagesOf(store: Store): AsyncGenerator<ChatView[]> {
  for (let after = 0; ; ) {
    const page = await store.chats.list(after, pageSize);
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = last.id;
  }
}

/** The chat that a person names by its id, its address or its title. @throws Failure when there is none, or more than one */
export async function findChat({ store }: Desk, named: string): Promise<ChatView> {
  const byId = /^\d{1,15}$/.test(named) ? await store.chats.get(Number(named)) : null;
  if (byId) return byId;
  const title = nameKey(named);
  // A phone number may be written as people write it.
  const number = /^\+?[\d ()-]{7,}$/.test(named) ? named.replace(/\D/g, "") : null;
  const found: ChatView[] = [];
  for await (const page of pagesOf(store)) {
    found.push(
      ...page.filter(
        (chat) =>
          chat.address === named ||
          (number !== null && chat.address.split("@", 1)[0] === number) ||
          (chat.title !== null && nameKey(chat.title) === title),
      ),
    );
  }
  const [chat, other] = found;
  if (!chat) throw new Failure(`There is no chat ${named}. “crier chats” lists those that there are.`);
  if (other) {
    const ids = found.slice(0, 10).map(({ id, platform }) => `${id} (${platform})`);
    throw new Failure(`${named} names ${found.length} chats: give an id, ${ids.join(" or ")}.`);
  }
  return chat;
}
