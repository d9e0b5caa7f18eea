import type { IncomingMessage } from "node:http";
import { ApiError, badRequest } from "./wire.ts";

export interface Upload {
  name: string;
  bytes: Buffer;
}

/** A call's parameters, whatever form they came in. A value that cannot be read as asked counts as absent. */
export interface Params {
  text(name: string): string | undefined;
  /** @returns undefined where it is no whole number */
  integer(name: string): number | undefined;
  flag(name: string): boolean;
  /** An object or a list, also where it was sent as a text of JSON; the text itself where it is no JSON. */
  json(name: string): unknown;
  file(name: string): Upload | undefined;
  has(name: string): boolean;
}

/** Telegram: more than 50 MB is never read. */
const mostBytes = 50 * 1024 * 1024;

/** @throws ApiError for a body that is too large or cannot be read */
export async function readParams(request: IncomingMessage, query: URLSearchParams): Promise<Params> {
  const values = new Map<string, unknown>(query);
  const files = new Map<string, Upload>();
  const body = await readBody(request);
  const type = request.headers["content-type"] ?? "";
  if (body.length > 0 && /^application\/json/i.test(type)) {
    for (const [name, value] of Object.entries(parseObject(body))) values.set(name, value);
  } else if (body.length > 0 && /^application\/x-www-form-urlencoded/i.test(type)) {
    for (const [name, value] of new URLSearchParams(body.toString())) values.set(name, value);
  } else if (body.length > 0 && /^multipart\/form-data/i.test(type)) {
    for (const [name, value] of await parseForm(body, type)) {
      if (typeof value === "string") values.set(name, value);
      else files.set(name, { name: value.name, bytes: Buffer.from(await value.arrayBuffer()) });
    }
  }
  return createParams(values, files);
}

/** Parameters of one item of an album, which are its own fields and the call's files. */
export const itemParams = (item: object, params: Params): Params => ({
  ...createParams(new Map(Object.entries(item)), new Map()),
  file: params.file,
});

function createParams(values: ReadonlyMap<string, unknown>, files: ReadonlyMap<string, Upload>): Params {
  const text = (name: string): string | undefined => {
    const value = values.get(name);
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (typeof value !== "string") return undefined;
    if (!value.isWellFormed()) throw badRequest("strings must be encoded in UTF-8");
    return value;
  };
  return {
    text,
    integer(name) {
      const value = text(name)?.trim();
      return value !== undefined && /^[-+]?\d+$/.test(value) ? Number(value) : undefined;
    },
    flag: (name) => /^(true|yes|1)$/i.test(text(name) ?? ""),
    json(name) {
      const value = values.get(name);
      if (typeof value !== "string") return value ?? undefined;
      try {
        return JSON.parse(value);
      } catch {
        return value;
      }
    },
    file: (name) => files.get(name),
    has: (name) => values.has(name) || files.has(name),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > mostBytes) throw new ApiError(413, "Request Entity Too Large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseObject(body: Buffer): object {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // The same refusal as for what is no object.
  }
  throw badRequest("can't parse request JSON object");
}

async function parseForm(body: Buffer, type: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  } catch {
    throw badRequest("can't parse multipart/form-data request");
  }
}
