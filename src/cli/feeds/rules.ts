import type { ParseArgsConfig } from "node:util";
import { compile as compileSelector } from "css-select";
import { compilePattern } from "#content/shared/pattern";
import type { Condition, FeedRules } from "#core/model";
import { compileRules } from "#core/rules";
import { Misuse, orMisuse } from "../misuse.ts";
import { conditionWords, parseCondition } from "./condition.ts";

/** Options that say a feed's rules. */
export const ruleOptions = {
  include: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  topic: { type: "string", multiple: true },
  breaking: { type: "string", multiple: true },
  selector: { type: "string" },
  release: { type: "string" },
  embargo: { type: "string" },
  preflight: { type: "string" },
  pages: { type: "boolean" },
  every: { type: "string" },
} as const satisfies ParseArgsConfig["options"];

/** What `parseArgs` makes of them. */
export interface RuleValues {
  include?: string[] | undefined;
  exclude?: string[] | undefined;
  topic?: string[] | undefined;
  breaking?: string[] | undefined;
  selector?: string | undefined;
  release?: string | undefined;
  embargo?: string | undefined;
  preflight?: string | undefined;
  pages?: boolean | undefined;
  every?: string | undefined;
}

/** How the options are written, line by line. */
export const ruleHelp = [
  "RULES (each option that is given replaces what was there; '' takes it away)",
  "  --include CONDITION    only such articles go out; may be given several times",
  "  --exclude CONDITION    such articles do not go out",
  "  --topic TOPIC[=CONDITION]   gives articles a topic",
  "  --breaking CONDITION   such articles are breaking news; never: none is",
  "  --selector CSS         a listing's article links",
  "  --release auto|review|digest   articles go out by themselves, when an editor lets them, or in digests alone",
  "  --embargo on|off       what is dated ahead waits for its time, or not (the default)",
  "  --preflight on|off     each article's page and picture are looked at before it goes out, or not",
  "  --pages, --no-pages    read each new article's own page, or none",
  "  --every 5m             time between two reads",
  "CONDITION is words (sport,horoscope), topic:Opinion, author:NAME, language:ru or pattern:/…/, joined by ' & '.",
];

/** True where any option for rules is given. */
export const asksForRules = (values: RuleValues): boolean =>
  Object.keys(ruleOptions).some((name) => values[name as keyof RuleValues] !== undefined);

/** The rules with the options in place of what was there. @throws Misuse for an option that cannot be */
export function changeRules(rules: FeedRules, values: RuleValues): FeedRules {
  const changed: FeedRules = { ...rules };
  const put = <K extends keyof FeedRules>(name: K, value: FeedRules[K] | null | undefined): void => {
    if (value === undefined) return;
    if (value === null) delete changed[name];
    else changed[name] = value;
  };
  put("include", conditionsOf("--include", values.include));
  put("exclude", conditionsOf("--exclude", values.exclude));
  put("topics", topicsOf(values.topic));
  put("breaking", isNever(values.breaking) ? "never" : conditionsOf("--breaking", values.breaking));
  put("selector", selectorOf(values.selector));
  put("release", releaseOf(values.release));
  put("embargo", switchOf("--embargo", values.embargo));
  put("preflight", switchOf("--preflight", values.preflight));
  put("pages", values.pages);
  put("intervalMs", intervalOf(values.every));
  checkRules(changed);
  return changed;
}

/** @throws Misuse in words for rules that Crier could not follow */
export function checkRules(rules: FeedRules): void {
  orMisuse("", () => compileRules(rules, compilePattern));
}

/** Given as one empty text, an option takes away what was there: null. */
function conditionsOf(option: string, texts: string[] | undefined): Condition[] | null | undefined {
  if (!texts) return undefined;
  if (texts.every((text) => text.trim() === "")) return null;
  return texts.map((text) => orMisuse(`${option} '${text}': `, () => parseCondition(text)));
}

function isNever(texts: string[] | undefined): boolean {
  if (!texts?.some((text) => /^never$/i.test(text.trim()))) return false;
  if (texts.length > 1) throw new Misuse("--breaking never stands alone: no article is breaking news then.");
  return true;
}

function topicsOf(texts: string[] | undefined): FeedRules["topics"] | null | undefined {
  if (!texts) return undefined;
  if (texts.every((text) => text.trim() === "")) return null;
  return texts.map((text) => {
    const at = text.indexOf("=");
    const topic = (at < 0 ? text : text.slice(0, at)).trim();
    if (topic === "") throw new Misuse(`--topic '${text}' names no topic.`);
    return { topic, when: at < 0 ? {} : orMisuse(`--topic '${text}': `, () => parseCondition(text.slice(at + 1))) };
  });
}

function selectorOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined;
  const selector = text.trim();
  if (selector === "") return null;
  try {
    compileSelector(selector);
  } catch {
    throw new Misuse(`--selector '${text}' is no CSS selector. Write it as in 'main article a'.`);
  }
  return selector;
}

function releaseOf(text: string | undefined): FeedRules["release"] | null | undefined {
  const release = text?.trim().toLowerCase();
  if (release === undefined || release === "review" || release === "digest") return release;
  if (release === "" || release === "auto") return null;
  throw new Misuse(`--release is auto, review or digest; "${text}" is none.`);
}

function switchOf(option: string, text: string | undefined): boolean | null | undefined {
  const value = text?.trim().toLowerCase();
  if (value === undefined) return undefined;
  if (value === "") return null;
  if (value !== "on" && value !== "off") throw new Misuse(`${option} is on or off; "${text}" is neither.`);
  return value === "on";
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function intervalOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text.trim() === "") return null;
  const [, amount, unit] = /^(\d{1,6})\s*([smh])$/i.exec(text.trim()) ?? [];
  const ms = Number(amount) * (unitMs[unit?.toLowerCase() ?? ""] ?? Number.NaN);
  if (!(ms >= 1_000 && ms <= 86_400_000)) {
    throw new Misuse(`--every '${text}' is no time from 1s to 24h. Write it with its unit: 30s, 5m, 1h.`);
  }
  return ms;
}

/** What the rules say, one sentence part each; none for a feed without rules. */
export function rulesWords(rules: FeedRules): string[] {
  const { include, exclude, topics, breaking, selector, release, embargo, preflight, pages, intervalMs } = rules;
  const either = (conditions: Condition[]): string => conditions.map(conditionWords).join(", or ");
  return [
    include && `only ${either(include)}`,
    exclude && `without ${either(exclude)}`,
    ...(topics ?? []).map(
      ({ topic, when }) => `topic “${topic}”${Object.keys(when).length > 0 ? ` for ${conditionWords(when)}` : ""}`,
    ),
    breaking && (breaking === "never" ? "never breaking" : `breaking for ${either(breaking)}`),
    selector && `links by ${selector}`,
    release && (release === "review" ? "an editor lets each article go" : "in digests alone"),
    embargo === undefined ? undefined : `what is dated ahead ${embargo ? "waits for its time" : "goes out at once"}`,
    preflight === undefined ? undefined : `${preflight ? "looks" : "does not look"} at each page before it goes out`,
    pages === undefined ? undefined : pages ? "reads each article's page" : "reads no article's page",
    intervalMs === undefined ? undefined : `every ${spanWords(intervalMs)}`,
  ].filter((part) => part !== undefined);
}

function spanWords(ms: number): string {
  const [unit, size] = Object.entries(unitMs).findLast(([, each]) => ms % each === 0) ?? ["s", 1_000];
  return `${ms / size}${unit}`;
}
