// Makes a fresh clone ready: installs the packages and finds or gets a Chromium for WhatsApp.
// Plain JavaScript without dependencies, for any Node from 18 on: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`setup: ${text}\n`);

/**
 * The Chromium or Chrome to run WhatsApp in: named by CHROME_PATH or PUPPETEER_EXECUTABLE_PATH, else the system's,
 * else one that puppeteer downloaded. A name that leads to no program counts as none: what was asked for is not replaced.
 *
 * @param {Record<string, string | undefined>} env
 * @returns {string | null}
 */
export function findChromium(env) {
  const named = env.CHROME_PATH || env.PUPPETEER_EXECUTABLE_PATH;
  if (named) return isProgram(named) ? named : null;
  const found = [...onPath(env), ...inUsualPlaces(env), ...inPuppeteerCache(env)];
  return found.find(isProgram) ?? null;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function onPath(env) {
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
}

function inUsualPlaces(env) {
  if (process.platform === "darwin") {
    return ["Google Chrome", "Chromium"].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter(Boolean);
    return folders.map((folder) => path.join(folder, "Google", "Chrome", "Application", "chrome.exe"));
  }
  return [];
}

function inPuppeteerCache(env) {
  const cache = path.join(env.PUPPETEER_CACHE_DIR || path.join(homedir(), ".cache", "puppeteer"), "chrome");
  if (!existsSync(cache)) return [];
  const inside = {
    darwin: ["chrome-mac-arm64", "chrome-mac-x64"].map((folder) =>
      path.join(folder, "Google Chrome for Testing.app", "Contents", "MacOS", "Google Chrome for Testing"),
    ),
    win32: [path.join("chrome-win64", "chrome.exe")],
  }[process.platform] ?? [path.join("chrome-linux64", "chrome")];
  const newestFirst = readdirSync(cache).sort().reverse();
  return newestFirst.flatMap((version) => inside.map((file) => path.join(cache, version, file)));
}

/** Runs a program with its output on ours; true when it succeeded. Never through a shell but on Windows, where npm is a script. */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  return result.status === 0;
}

function packagesAreCurrent() {
  const installed = path.join(root, "node_modules", ".package-lock.json");
  const wanted = path.join(root, "package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
}

function installPackages() {
  if (packagesAreCurrent()) return;
  say("installing the npm packages (a minute or two, once)");
  if (run("npm", ["ci", "--no-audit", "--no-fund"], { PUPPETEER_SKIP_DOWNLOAD: "1" })) return;
  say("the packages could not be installed: see npm's words above.");
  say('Check the connection to the npm registry, then run "npm ci" here and start again.');
  process.exit(1);
}

/** WhatsApp alone needs a browser. Without any bot in the settings the sandbox runs, which shows it. */
function needsChromium() {
  const file = path.join(root, ".env");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const says = (name, value) =>
    new RegExp(`^${value}`, "i").test(process.env[name] ?? "") ||
    new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*["']?${value}`, "im").test(text);
  return says("WHATSAPP", "on") || !(says("TELEGRAM_BOT_TOKEN", "\\S") || says("TELEGRAM_BOT_TOKEN_FILE", "\\S"));
}

function getChromium() {
  if (findChromium(process.env)) return;
  const named = process.env.CHROME_PATH || process.env.PUPPETEER_EXECUTABLE_PATH;
  if (named) {
    say(
      `there is no program at ${named}. Correct CHROME_PATH, or unset it to let Crier look by itself. WhatsApp stays off until then.`,
    );
    return;
  }
  say("getting a Chromium for WhatsApp (once)");
  const isRootOnDebian =
    process.getuid?.() === 0 && existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (isRootOnDebian) {
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update", "-qq"], quiet);
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet);
  }
  if (!findChromium(process.env)) {
    // The package's own settings say "download nothing"; here it is asked for.
    const puppeteer = path.join(root, "node_modules", ".bin", "puppeteer");
    run(puppeteer, ["browsers", "install", "chrome"], { PUPPETEER_SKIP_DOWNLOAD: "false" });
  }
  if (findChromium(process.env)) return;
  say("no Chromium could be installed, so WhatsApp stays off; all else works.");
  say(
    'Install Chromium or Chrome yourself (on Debian: "apt-get install chromium"), or set CHROME_PATH to one, and start again.',
  );
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  installPackages();
  if (needsChromium() || process.env.npm_lifecycle_event === "pretest") getChromium();
}
