import { type FSWatcher, watch } from "node:fs";
import type { Listing } from "./files.ts";

/** A file that is being written changes many times: it is read when it has been quiet for this long. */
export const quietMs = 300;
/** How often is looked after what tells nothing by itself: a folder that is not there, a post whose hour comes. */
const tickMs = 1_000;

export interface WatchOptions {
  /** Never throws: null while the folder cannot be read. */
  list(): Promise<Listing | null>;
  /** True once when a post's hour has come. */
  isDue(): boolean;
  changed(): void;
  signal: AbortSignal;
}

/**
 * Calls back when the files of a folder changed and have been quiet since, until the signal is aborted. The system tells of
 * changes folder by folder; where it cannot (no such folder, no watches left), the folder is looked through each second.
 */
export function watchFolder({ list, isDue, changed, signal }: WatchOptions): void {
  if (signal.aborted) return;
  const watchers = new Map<string, FSWatcher>();
  let mark: string | null | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let isLooking = false;
  let isAsked = false;
  let mustPoll = false;

  const soon = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => void look(), quietMs);
  };

  const unwatch = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  const watchOne = (folder: string): void => {
    try {
      const watcher = watch(folder);
      watcher.on("change", (kind, name) => {
        // Of a folder that is gone nothing more is told: one of the same name is another.
        if (kind === "rename" && (name === null || folder.endsWith(`/${String(name)}`))) unwatch(folder);
        soon();
      });
      watcher.on("error", () => {
        unwatch(folder);
        soon();
      });
      watchers.set(folder, watcher);
    } catch {
      mustPoll = true;
    }
  };

  /** Compares with what was there, and watches what is there now. */
  const look = async (): Promise<void> => {
    isAsked = true;
    if (isLooking) return;
    isLooking = true;
    while (isAsked && !signal.aborted) {
      isAsked = false;
      const listing = await list();
      if (signal.aborted) break;
      mustPoll = listing === null;
      const folders = new Set(listing?.folders);
      for (const folder of watchers.keys()) if (!folders.has(folder)) unwatch(folder);
      for (const folder of folders) if (!watchers.has(folder)) watchOne(folder);
      const before = mark;
      mark = listing?.mark ?? null;
      // That it went away is told too: the next reading says so in words.
      if (before !== undefined && before !== mark) changed();
    }
    isLooking = false;
  };

  const tick = setInterval(() => {
    if (isDue()) changed();
    if (mustPoll) soon();
  }, tickMs);
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(tick);
      clearTimeout(quiet);
      for (const folder of watchers.keys()) unwatch(folder);
    },
    { once: true },
  );
  void look();
}
