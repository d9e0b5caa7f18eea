import { existsSync, readFileSync } from "node:fs";
import { parse } from "dotenv";

export type Env = Readonly<Record<string, string | undefined>>;

/** The environment over the `.env` of the folder that Crier is started in: what is set in the environment wins. */
export function readEnvironment(): Env {
  const fromFile = existsSync(".env") ? parse(readFileSync(".env")) : {};
  const set = Object.entries(process.env).filter(([, value]) => value !== undefined && value !== "");
  return { ...fromFile, ...Object.fromEntries(set) };
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** An answer on standard error: what went wrong, for a person. */
export const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
