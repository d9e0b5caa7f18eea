import { isDeepStrictEqual } from "node:util";
import type { Api, Methods } from "./api.ts";
import { objectOf } from "./chats.ts";
import type { Params } from "./params.ts";
import type { Updates } from "./updates.ts";
import { badRequest } from "./wire.ts";

/** Telegram: commands in one menu, and the characters of a command's name and its description. */
const mostCommands = 100;
const mostName = 32;
const mostDescription = 256;

const chatScopes = ["chat", "chat_administrators", "chat_member"];
const scopes = ["default", "all_private_chats", "all_group_chats", "all_chat_administrators", ...chatScopes];

interface Command {
  command: string;
  description: string;
}

export interface Webhook {
  /** "" while there is none. */
  url: string;
  max_connections: number;
}

/** Who the bot is, its menu of commands, its webhook and its buttons. `queries` are the presses that wait for an answer. */
export function botMethods({ bot }: Api, updates: Updates, webhook: Webhook, queries: Set<string>): Methods {
  let menus: { scope: object; language: string; commands: Command[] }[] = [];

  const menuOf = (params: Params) => {
    const scope = readScope(params);
    const language = params.text("language_code") ?? "";
    return { scope, language, isSame: (other: object) => isDeepStrictEqual(other, { scope, language }) };
  };
  const withoutMenu = (params: Params) => {
    const { isSame } = menuOf(params);
    return menus.filter(({ scope, language }) => !isSame({ scope, language }));
  };

  return {
    getme: () => ({
      ...bot,
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_inline_queries: false,
      can_connect_to_business: false,
      has_main_web_app: false,
    }),

    setmycommands(params) {
      const { scope, language } = menuOf(params);
      const commands = readCommands(params);
      menus = [...withoutMenu(params), ...(commands.length > 0 ? [{ scope, language, commands }] : [])];
      return true;
    },
    getmycommands(params) {
      const { isSame } = menuOf(params);
      return menus.find(({ scope, language }) => isSame({ scope, language }))?.commands ?? [];
    },
    deletemycommands(params) {
      menus = withoutMenu(params);
      return true;
    },

    answercallbackquery(params) {
      if (!queries.delete(params.text("callback_query_id") ?? ""))
        throw badRequest("query is too old and response timeout expired or query ID is invalid");
      return true;
    },

    setwebhook(params) {
      const url = params.text("url")?.trim() ?? "";
      if (url !== "") checkWebhook(url, params.text("secret_token") ?? "");
      updates.allow(params);
      if (params.flag("drop_pending_updates")) updates.forget();
      if (url !== "") updates.interrupt("terminated by setWebhook request");
      webhook.url = url;
      webhook.max_connections = Math.min(100, Math.max(1, params.integer("max_connections") ?? 40));
      return true;
    },
    deletewebhook(params) {
      if (params.flag("drop_pending_updates")) updates.forget();
      webhook.url = "";
      return true;
    },
    getwebhookinfo: () => ({
      url: webhook.url,
      has_custom_certificate: false,
      pending_update_count: updates.pending(),
      ...(webhook.url ? { max_connections: webhook.max_connections, allowed_updates: updates.allowed() } : {}),
    }),
  };
}

function checkWebhook(url: string, secret: string): void {
  const parsed = URL.parse(url);
  if (!parsed) throw badRequest("bad webhook: invalid webhook URL specified");
  if (parsed.protocol !== "https:") throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  if (!["", "443", "80", "88", "8443"].includes(parsed.port))
    throw badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
  if (secret.length > 256) throw badRequest("secret token is too long");
  if (!/^[A-Za-z0-9_-]*$/.test(secret)) throw badRequest("secret token contains unallowed characters");
}

function readScope(params: Params): object {
  const given = objectOf(params, "scope", "BotCommandScope");
  if (!given) return { type: "default" };
  const { type, chat_id, user_id } = given;
  if (typeof type !== "string" || !scopes.includes(type))
    throw badRequest("unsupported BotCommandScope type specified");
  if (!chatScopes.includes(type)) return { type };
  if (chat_id === undefined) throw badRequest("chat identifier is not specified");
  return { type, chat: String(chat_id), ...(type === "chat_member" ? { user: String(user_id) } : {}) };
}

function readCommands(params: Params): Command[] {
  const given = params.json("commands");
  if (typeof given === "string") throw badRequest("can't parse commands JSON object");
  if (!Array.isArray(given)) throw badRequest("expected an Array of BotCommand");
  if (given.length > mostCommands) throw badRequest("BOT_COMMANDS_TOO_MUCH");
  return given.map((item) => {
    const command = String(item?.command ?? "")
      .trim()
      .replace(/^\//, "");
    const description = String(item?.description ?? "").trim();
    if (command === "") throw badRequest("command must be non-empty");
    if ([...command].length > mostName) throw badRequest(`command name must not exceed ${mostName} characters`);
    if (!/^[a-z0-9_]+$/.test(command)) throw badRequest("BOT_COMMAND_INVALID");
    if (description === "") throw badRequest("command description must be non-empty");
    if ([...description].length > mostDescription)
      throw badRequest(`command description must not exceed ${mostDescription} characters`);
    return { command, description };
  });
}
