import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import whatsapp from "whatsapp-web.js";
import type { WhatsAppSimulator } from "../../src/sandbox/whatsapp/simulator.ts";
import { findChromium } from "../../src/setup.mjs";

const chromePath = findChromium(process.env);

/** Passed as `skip` by tests that drive a browser: false where there is one. */
export const noBrowser = chromePath === null && "no Chromium was found: install it or set CHROME_PATH";

/** A place for one browser's profile and temporary files. */
export interface Profile {
  client(simulator: WhatsAppSimulator): whatsapp.Client;
  remove(): Promise<void>;
}

export async function createProfile(): Promise<Profile> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-whatsapp-"));
  const temporary = path.join(folder, "tmp");
  await mkdir(temporary);
  const isRoot = process.getuid?.() === 0;
  return {
    client: ({ browserArgs }) =>
      new whatsapp.Client({
        authStrategy: new whatsapp.LocalAuth({ dataPath: folder }),
        webVersionCache: { type: "none" },
        takeoverOnConflict: true,
        puppeteer: {
          executablePath: chromePath ?? "",
          args: [...browserArgs, ...(isRoot ? ["--no-sandbox"] : [])],
          env: { ...process.env, TMPDIR: temporary },
          protocolTimeout: 20_000,
        },
      }),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}
