import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { FeedError } from "#core/errors";

/** A post's file, by what can be known without opening it. */
export interface PostFile {
  /** Relative to the folder, with "/" on every system. */
  name: string;
  /** Where it really lies. */
  path: string;
  size: number;
  mtimeMs: number;
}

/** The Markdown files of a folder. */
export interface Listing {
  /** The folder as an absolute path. */
  root: string;
  files: PostFile[];
  /** The folder itself and those under it that were looked into. */
  folders: string[];
  /** What keeps a part of the folder from being read, in words. */
  problems: string[];
  /** The same as long as no name, size or time of a change differs. */
  mark: string;
}

/** Levels of folders under the one that was named. */
const deepest = 3;
/** More is no folder of posts but a disk, and would be looked through at each reading. */
const mostEntries = 20_000;
/** A post's text is a few KiB; what is larger was written by no editor. */
export const mostBytes = 1024 * 1024;

/** The absolute path that a feed's address means: a path, or a file: address. @throws FeedError */
export function folderPath(address: string): string {
  try {
    return address.startsWith("file:") ? fileURLToPath(address) : path.resolve(address);
  } catch (cause) {
    throw new FeedError("refused", `${address} names no folder of this machine: give its path.`, { cause });
  }
}

/**
 * Lists the Markdown files of a folder. Left out is what editors' programs and site builders hide: names that begin with
 * "." or "_", a README, and links that lead out of the folder.
 *
 * @throws FeedError naming the folder when it cannot be read
 */
export async function listFolder(root: string, signal: AbortSignal): Promise<Listing> {
  const listing: Listing = { root, files: [], folders: [], problems: [], mark: "" };
  const links: string[] = [];
  let entries = 0;

  const walk = async (folder: string, depth: number): Promise<void> => {
    stopWhenAsked(root, signal);
    const found = await readFolder(folder, root, listing.problems);
    listing.folders.push(folder);
    entries += found.length;
    if (entries > mostEntries) {
      throw new FeedError(
        "too-large",
        `${root} holds more than ${mostEntries.toLocaleString("en")} files: give the posts a folder of their own.`,
      );
    }
    for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const at = path.join(folder, entry.name);
      if (/^[._]/.test(entry.name)) continue;
      if (entry.isDirectory() && depth < deepest) await walk(at, depth + 1);
      else if (!isPostName(entry.name)) continue;
      else if (entry.isFile()) await addFile(listing, at, at);
      else if (entry.isSymbolicLink()) links.push(at);
    }
  };

  await walk(root, 0);
  await addLinks(listing, links);
  const lines = listing.files.map(({ name, size, mtimeMs }) => `${name}\0${size}\0${mtimeMs}\n`);
  listing.mark = createHash("sha256").update(lines.sort().join("")).digest("hex").slice(0, 32);
  return listing;
}

const isPostName = (name: string): boolean => /\.(?:md|markdown)$/i.test(name) && !/^readme\./i.test(name);

/** A folder under the root that cannot be read loses its own posts alone. */
async function readFolder(folder: string, root: string, problems: string[]): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const error = toFeedError(cause, folder);
    if (folder === root) throw error;
    if (codeOf(cause) !== "ENOENT") problems.push(error.message);
    return [];
  }
}

async function addFile(listing: Listing, at: string, real: string): Promise<void> {
  try {
    const found = await stat(real);
    if (!found.isFile()) return;
    const name = path.relative(listing.root, at).split(path.sep).join("/");
    listing.files.push({ name, path: real, size: found.size, mtimeMs: found.mtimeMs });
  } catch {
    // It went away while the folder was being read.
  }
}

/** Links within the folder stand for what they lead to, where that was not met under its own name. */
async function addLinks(listing: Listing, links: string[]): Promise<void> {
  if (links.length === 0) return;
  const within = `${await realpath(listing.root).catch(() => listing.root)}${path.sep}`;
  const own = await Promise.all(listing.files.map((file) => realpath(file.path).catch(() => file.path)));
  const met = new Set(own);
  for (const link of links) {
    const real = await realpath(link).catch(() => null);
    if (!real?.startsWith(within) || met.has(real)) continue;
    met.add(real);
    await addFile(listing, link, real);
  }
}

/**
 * A post's bytes; null while somebody writes it, and when it is gone: the next reading sees the change.
 *
 * @throws Error of the file system
 */
export async function readPost(file: PostFile): Promise<Uint8Array | null> {
  try {
    const handle = await open(file.path, "r");
    try {
      const bytes = Buffer.alloc(Math.min(file.size, mostBytes));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      const { size, mtimeMs } = await handle.stat();
      return size === file.size && mtimeMs === file.mtimeMs ? bytes.subarray(0, bytesRead) : null;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** @throws FeedError when the reading was stopped */
export function stopWhenAsked(root: string, signal: AbortSignal): void {
  if (signal.aborted) throw new FeedError("unreachable", `Reading ${root} was stopped.`);
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

function toFeedError(cause: unknown, folder: string): FeedError {
  const code = codeOf(cause);
  if (code === "ENOTDIR") {
    return new FeedError("not-a-feed", `${folder} is a file: give the folder that the posts lie in.`, { cause });
  }
  const words: Record<string, string> = {
    ENOENT: `There is no folder ${folder}: make it, or correct the feed's address.`,
    EACCES: `${folder} may not be read by the user that Crier runs as: give it the right to read there.`,
    EPERM: `${folder} may not be read by the user that Crier runs as: give it the right to read there.`,
  };
  return new FeedError("unreachable", words[code] ?? `${folder} could not be read${code ? ` (${code})` : ""}.`, {
    cause,
  });
}
