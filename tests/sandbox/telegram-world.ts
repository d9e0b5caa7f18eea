import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  startTelegramSimulator,
  type TelegramSimulator,
  type TelegramSimulatorOptions,
} from "#src/sandbox/telegram/index";

interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
}

/** What the tests read of the Bot API's answers. */
export interface Result {
  message_id: number;
  text?: string;
  caption?: string;
  entities?: Entity[];
  photo?: { file_id: string; width: number }[];
  reply_markup?: object;
  link_preview_options?: object;
  status?: string;
  media_group_id?: string;
  forward_origin?: object;
}

export interface Refusal {
  error_code: number;
  description: string;
  parameters?: { retry_after?: number; migrate_to_chat_id?: number };
}

interface Answer extends Refusal {
  ok: boolean;
  result: unknown;
}

export interface TelegramWorld {
  telegram: TelegramSimulator;
  /** Calls a method with JSON, or with a form. */
  post(method: string, payload?: object, token?: string): Promise<Response>;
  /** The result of a call that must pass. */
  call<T = Result>(method: string, payload?: object): Promise<T>;
  /** What a call that must be refused was told. */
  refused(method: string, payload?: object): Promise<Refusal>;
  /** The description of such a call, without "Bad Request: ". */
  refusal(method: string, payload?: object): Promise<string>;
}

/** A simulator for one test, without limits unless asked for. */
export async function telegramWorld(t: TestContext, options: TelegramSimulatorOptions = {}): Promise<TelegramWorld> {
  const telegram = await startTelegramSimulator({ limiter: "off", ...options });
  t.after(() => telegram.stop());
  const post: TelegramWorld["post"] = (method, payload = {}, token = telegram.token) =>
    fetch(`${telegram.apiRoot}/bot${token}/${method}`, {
      method: "POST",
      signal: AbortSignal.timeout(20_000),
      ...(payload instanceof FormData || payload instanceof URLSearchParams
        ? { body: payload }
        : { body: JSON.stringify(payload), headers: { "content-type": "application/json" } }),
    });
  const refused: TelegramWorld["refused"] = async (method, payload) => {
    const response = await post(method, payload);
    const { ok, error_code, description, parameters } = (await response.json()) as Answer;
    assert.equal(ok, false);
    assert.equal(error_code, response.status);
    return { error_code, description, ...(parameters ? { parameters } : {}) };
  };
  return {
    telegram,
    post,
    refused,
    async call<T>(method: string, payload?: object): Promise<T> {
      const { ok, result, description } = (await (await post(method, payload)).json()) as Answer;
      assert.ok(ok, `${method}: ${description}`);
      return result as T;
    },
    refusal: async (method, payload) => (await refused(method, payload)).description.replace(/^Bad Request: /, ""),
  };
}

/** A PNG's head of the given size: all that is looked at. */
export function pngOf(width: number, height: number): Blob {
  const bytes = Buffer.alloc(64);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return new Blob([bytes], { type: "image/png" });
}

export function formOf(fields: Record<string, string | Blob>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
