import type { Params } from "./params.ts";
import { badRequest } from "./wire.ts";
import type { Picture, World } from "./world.ts";

/** Telegram: bytes of an uploaded photo. */
const mostBytes = 10 * 1024 * 1024;
/** Telegram: width and height together, and how much longer than wide. */
const mostPixels = 10_000;
const mostRatio = 20;

/** The address under which a call wants a picture loaded; null for an upload, a known file or no picture. */
export function pictureUrl(params: Params): string | null {
  const media = params.json("media");
  const given = Array.isArray(media) ? media : [media, { media: params.text("photo") }];
  const urls = given.map((item: unknown) => (item as { media?: unknown } | undefined)?.media);
  return urls.find((url): url is string => typeof url === "string" && /^https?:\/\//i.test(url)) ?? null;
}

/**
 * The picture that a call names: an address, a file that Telegram knows, an upload or "attach://name".
 * Addresses are not loaded: each that could be one is taken for a picture.
 */
export function readPicture(world: World, params: Params, name: string): Picture {
  const given = params.text(name)?.trim() ?? "";
  const upload = params.file(given.startsWith("attach://") ? given.slice("attach://".length) : name);
  if (upload) {
    if (upload.bytes.length === 0) throw badRequest("file must be non-empty");
    return world.addPicture({ url: null, upload, ...checkedSize(upload.bytes) });
  }
  if (given === "") throw badRequest("there is no photo in the request");
  const known = world.pictures.get(given);
  if (known) return known;
  if (!/^[a-z][a-z0-9+.-]*:/i.test(given)) throw badRequest("wrong file identifier/HTTP URL specified");
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol)) throw badRequest("wrong HTTP URL specified");
  return world.addPicture({ url: url.href, upload: null, width: 1280, height: 720 });
}

function checkedSize(bytes: Buffer): { width: number; height: number } {
  if (bytes.length > mostBytes)
    throw badRequest(
      `file of size ${bytes.length} bytes is too big for a photo; the maximum size is ${mostBytes} bytes`,
    );
  const size = sizeOf(bytes);
  if (!size) throw badRequest("IMAGE_PROCESS_FAILED");
  const { width, height } = size;
  const ratio = Math.max(width, height) / Math.max(1, Math.min(width, height));
  if (width + height > mostPixels || ratio > mostRatio) throw badRequest("PHOTO_INVALID_DIMENSIONS");
  return size;
}

/** Where the bot may load the picture again, under its token. */
export const pathOf = ({ fileId }: Picture): string => `photos/file_${Number(fileId.slice(-6))}.jpg`;

/** The kind of a picture by its first bytes. */
export function mediaTypeOf(bytes: Buffer): string | null {
  const head = bytes.toString("latin1", 0, 12);
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  return head.startsWith("RIFF") && head.endsWith("WEBP") ? "image/webp" : null;
}

function sizeOf(bytes: Buffer): { width: number; height: number } | null {
  const type = mediaTypeOf(bytes);
  if (type === "image/png") return bytes.length < 24 ? null : size(bytes.readUInt32BE(16), bytes.readUInt32BE(20));
  if (type === "image/gif") return bytes.length < 10 ? null : size(bytes.readUInt16LE(6), bytes.readUInt16LE(8));
  if (type === "image/jpeg") return jpegSize(bytes);
  return type ? size(1280, 720) : null;
}

const size = (width: number, height: number) => ({ width, height });

/** By the first frame header among the segments. */
function jpegSize(bytes: Buffer): { width: number; height: number } | null {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return size(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
  }
  return null;
}
