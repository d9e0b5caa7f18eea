import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { commandOf, endProcess, isAlive, readText } from "./processes.ts";

/** The folder of one linked number: whatsapp-web.js's session, which is a browser's profile, and who uses it. */
export interface Profile {
  /** What whatsapp-web.js's LocalAuth takes as its path. */
  readonly folder: string;
  /**
   * Makes the profile free for a new browser: ends one that an ended Crier left behind, takes away locks of dead ones.
   *
   * @throws Error in words when a living Crier uses it
   */
  prepare(): Promise<void>;
  /** The number is linked here. */
  linked(): void;
  isLinked(): boolean;
  /** Forgets the session: the number must be linked anew. The browser must have ended. */
  forget(): void;
}

/** Chromium's marks that a profile is in use. */
const locks = ["SingletonLock", "SingletonSocket", "SingletonCookie"];

export function openProfile(dataDir: string): Profile {
  const folder = path.resolve(dataDir, "whatsapp");
  const session = path.join(folder, "session");
  const linkedFile = path.join(folder, "linked");
  const ownerFile = path.join(folder, "owner.pid");

  return {
    folder,
    async prepare() {
      mkdirSync(session, { recursive: true, mode: 0o700 });
      const lock = readLock(path.join(session, "SingletonLock"));
      if (lock) {
        const isLiving = lock.host === hostname() && `${commandOf(lock.pid)} `.includes(`--user-data-dir=${session} `);
        if (isLiving) {
          const owner = Number(readText(ownerFile));
          if (owner !== process.pid && isAlive(owner)) {
            throw new Error(`Another Crier (process ${owner}) has WhatsApp open in this data folder: stop it first.`);
          }
          await endProcess(lock.pid);
        }
        for (const name of locks) rmSync(path.join(session, name), { force: true });
      }
      writeFileSync(ownerFile, String(process.pid), { mode: 0o600 });
    },
    linked: () => writeFileSync(linkedFile, "", { mode: 0o600 }),
    isLinked: () => existsSync(linkedFile),
    forget() {
      rmSync(linkedFile, { force: true });
      rmSync(session, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Chromium's lock is a link to "HOST-PID"; null where there is none. */
function readLock(file: string): { host: string; pid: number } | null {
  try {
    if (!lstatSync(file).isSymbolicLink()) return null;
    const [, host = "", pid = ""] = /^(.*)-(\d+)$/.exec(readlinkSync(file)) ?? [];
    return { host, pid: Number(pid) };
  } catch {
    return null;
  }
}
