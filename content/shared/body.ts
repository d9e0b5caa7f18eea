import type { Readable } from "node:stream";
import { promisify } from "node:util";
import {
  brotliDecompress,
  constants,
  gunzip,
  type InputType,
  inflate,
  inflateRaw,
  type ZlibOptions,
  zstdDecompress,
} from "node:zlib";
import { FeedError } from "#core/errors";

/** Encodings on top of each other that a server may use; more is an attack. */
const deepest = 2;

/** Reads a body to its end. @throws FeedError "too-large" past `maxBytes` on the wire */
export async function readBody(body: Readable, maxBytes: number, where: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(where, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Undoes Content-Encoding. @throws FeedError "too-large" when more than `maxBytes` come out, "unreachable" when the bytes are damaged */
export async function unpack(
  bytes: Uint8Array,
  encoding: string,
  maxBytes: number,
  where: string,
): Promise<Uint8Array> {
  const layers = encoding
    .toLowerCase()
    .split(",")
    .map((layer) => layer.trim())
    .filter((layer) => layer && layer !== "identity");
  // A packed file, served as a file.
  if (layers.length === 0 && isGzip(bytes)) layers.push("gzip");
  if (layers.length > deepest) {
    throw new FeedError(
      "refused",
      `${where} packed its answer ${layers.length} times over, which no honest server does.`,
    );
  }
  let unpacked = bytes;
  for (const layer of layers.reverse()) {
    if (unpacked.byteLength > 0) unpacked = await unpackLayer(unpacked, layer, maxBytes, where);
  }
  return unpacked;
}

async function unpackLayer(bytes: Uint8Array, layer: string, maxBytes: number, where: string): Promise<Uint8Array> {
  const unpackWith = unpackers(bytes)[layer];
  if (!unpackWith) {
    throw new FeedError(
      "unreachable",
      `${where} answered packed as "${layer.slice(0, 40)}", which Crier cannot unpack.`,
    );
  }
  try {
    return await unpackWith(bytes, maxBytes);
  } catch (cause) {
    if (cause instanceof RangeError && (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw tooLarge(where, maxBytes);
    }
    throw new FeedError("unreachable", `${where} sent a damaged ${layer} answer; the next read may be whole.`, {
      cause,
    });
  }
}

type Unpack = (bytes: Uint8Array, maxBytes: number) => Promise<Uint8Array>;

/** zlib streams inside: they stop as soon as the cap is passed, so a bomb never unfolds. */
const capped =
  (work: (bytes: InputType, options: ZlibOptions) => Promise<Buffer>, finishFlush: number): Unpack =>
  (bytes, maxBytes) =>
    work(bytes, { maxOutputLength: maxBytes, finishFlush });

// The flush of a browser: an end that is missing its checksum is forgiven.
const gzip = capped(promisify<InputType, ZlibOptions, Buffer>(gunzip), constants.Z_SYNC_FLUSH);
const zlibDeflate = capped(promisify<InputType, ZlibOptions, Buffer>(inflate), constants.Z_SYNC_FLUSH);
const rawDeflate = capped(promisify<InputType, ZlibOptions, Buffer>(inflateRaw), constants.Z_SYNC_FLUSH);
const brotli: Unpack = (bytes, maxBytes) =>
  promisify<InputType, { maxOutputLength: number }, Buffer>(brotliDecompress)(bytes, { maxOutputLength: maxBytes });
const zstd: Unpack = (bytes, maxBytes) =>
  promisify<InputType, { maxOutputLength: number }, Buffer>(zstdDecompress)(bytes, { maxOutputLength: maxBytes });
const asItIs: Unpack = async (bytes) => bytes;

const unpackers = (bytes: Uint8Array): Record<string, Unpack> => ({
  // Some servers say gzip and send plain text.
  gzip: isGzip(bytes) ? gzip : asItIs,
  "x-gzip": isGzip(bytes) ? gzip : asItIs,
  // RFC 9110 means zlib by it; some servers send the bare stream.
  deflate: ((bytes[0] ?? 0) & 0x0f) === 8 ? zlibDeflate : rawDeflate,
  br: brotli,
  zstd,
});

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The error for an answer over the cap. */
export const tooLarge = (where: string, maxBytes: number): FeedError =>
  new FeedError(
    "too-large",
    `${where} is larger than ${Math.round(maxBytes / 1024 / 1024) || 1} MiB, the most that Crier reads: ask the publisher for a shorter one.`,
  );
