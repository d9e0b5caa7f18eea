import type { DeskSettings } from "#core/desk/hold";
import type { SabbathCalendar } from "#core/hours/sabbath";
import type { Chat, Person, Span } from "#core/model";
import type { Store } from "#core/ports";

/** What the settings say of the newsroom. */
export interface Newsroom {
  /** In which times are written and told. */
  timeZone: string;
  /** The platforms that it is on, with the messages a second that each of its bots may send. */
  paces: readonly { platform: string; perSecond: number }[];
  sabbaths: SabbathCalendar;
  /** How stories go out past the editors' desk. */
  desk: DeskSettings;
}

/** What a command knows of the moment it was called in. */
export interface CommandContext {
  /** Bound to the transaction that also queues the answer. */
  store: Store;
  now: Date;
  chat: Chat;
  from: Person;
  /** What follows the command's name. */
  spans: Span[];
  /** Unique for this call and the same when the platform tells of it twice. */
  callKey: string;
  /** How commands are written there: "/" or "!". */
  mark: string;
  /** All commands that this person may use. */
  commands: readonly Command[];
  newsroom: Newsroom;
}

/** One command, written once for all bots. */
export interface Command {
  name: string;
  /** One line for the help and the platform's own menu. */
  summary: string;
  /** For people named as admins in the settings. */
  adminOnly: boolean;
  /** What the help puts it under: what a chat gets, when, or how. Without one it stands at the beginning. */
  about?: "what" | "when" | "how";
  /** False where it would change nothing, so that the help is silent about it. */
  isOffered?(store: Store): Promise<boolean>;
  /** The answer: its first line answers. */
  run(context: CommandContext): Promise<Span[]>;
}
