/** The Bot API's shapes, as far as the simulator speaks them. */

export interface User {
  id: number;
  is_bot: boolean;
  first_name: string;
  username?: string;
}

export interface Entity {
  type: string;
  /** In UTF-16 units, like `length`. */
  offset: number;
  length: number;
  url?: string;
  language?: string;
  user?: User;
  custom_emoji_id?: string;
}

export type ChatType = "private" | "group" | "supergroup" | "channel";

export interface LinkPreviewOptions {
  is_disabled?: boolean;
  url?: string;
  prefer_small_media?: boolean;
  prefer_large_media?: boolean;
  show_above_text?: boolean;
}

/** A refusal in the Bot API's own words. */
export class ApiError extends Error {
  readonly code: number;
  readonly parameters: { retry_after?: number; migrate_to_chat_id?: number } | undefined;

  constructor(code: number, description: string, parameters?: ApiError["parameters"]) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

export const badRequest = (what: string, parameters?: ApiError["parameters"]): ApiError =>
  new ApiError(400, `Bad Request: ${what}`, parameters);

export const forbidden = (what: string): ApiError => new ApiError(403, `Forbidden: ${what}`);

/** @param seconds whole, at least 1 */
export const tooManyRequests = (seconds: number): ApiError =>
  new ApiError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
