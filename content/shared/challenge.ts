import type { HttpAnswer } from "./http.ts";

/** Obstacles show themselves at the head of a page. */
const headLength = 64 * 1024;

/** Headers that say it outright. */
const headers: readonly [name: string, value: RegExp, who: string][] = [
  ["cf-mitigated", /challenge/i, "Cloudflare"],
  ["x-vercel-mitigated", /challenge|deny/i, "Vercel"],
  ["x-amzn-waf-action", /captcha|challenge/i, "Amazon"],
];

/**
 * What only pages in front of a site hold. Not what such a service also puts into the pages of its customers: their
 * readers are welcome.
 */
const marks: readonly [mark: RegExp, who: string][] = [
  [
    /_cf_chl_opt|cf-browser-verification|cf-error-details|challenge-platform\/h\/\w\/orchestrate|<title>\s*(?:Just a moment\.\.\.|Attention Required! \| Cloudflare)/i,
    "Cloudflare",
  ],
  [/captcha-delivery\.com\//i, "DataDome"],
  [/\bpx-captcha\b|captcha\.px-c(?:dn|loud)\.net/i, "HUMAN (PerimeterX)"],
  [
    /errors\.edgesuite\.net\/|<title>\s*Access Denied\s*<\/title>[^]{0,600}Reference\s*(?:&#32;)?(?:#|&#35;)/i,
    "Akamai",
  ],
  [/Incapsula incident ID|_Incapsula_Resource\?(?:CWUDNSAI|SWUDNSAI)=/i, "Imperva"],
  [/awsWafCookieDomainList|gokuProps/i, "Amazon"],
  [/Sucuri WebSite Firewall/i, "Sucuri"],
  [/Vercel Security Checkpoint/i, "Vercel"],
  [/\.well-known\/sgcaptcha\//i, "SiteGround"],
  [/<title>\s*DDOS-GUARD|\.well-known\/ddos-guard\/js-challenge/i, "DDoS-Guard"],
  [/__qrator\/qauth/i, "Qrator"],
  [/id=["']?anubis_challenge|\.within\.website\/x\/cmd\/anubis\//i, "Anubis"],
];

/** What a title says of such a page in the words of any service. An article may be headed like that, too. */
const titles =
  /captcha|not a (?:ro)?bot|you(?:'|’|&#39;| a)re (?:a )?human|human verification|security check|checking your browser|ddos protection|bot detection|проверка браузера|вы не робот|אימות אנושי|אינך רובוט|التحقق من أنك إنسان/i;

/** What means it only on a page that was refused: an article's own may have a form with it. */
const refusedMarks =
  /captcha|cdn-cgi\/challenge-platform\/|cf-turnstile|unusual traffic|automated (?:access|requests)|are you a robot/i;

/**
 * What stands between Crier and a page, as what follows its address in a sentence: null for nothing that is known.
 * Takes an answer, or the text of a page that came where none was looked for.
 */
export function challengeIn(from: HttpAnswer | string): string | null {
  const { text, said, status } =
    typeof from === "string"
      ? { text: from.slice(0, headLength), said: {}, status: null }
      : { text: headOf(from), said: from.headers, status: from.status };
  const who = whoseHeader(said) ?? marks.find(([mark]) => mark.test(text))?.[1];
  const isRefused = status !== null && status >= 400;
  const tells =
    who ||
    ((isRefused || status === null) && titles.test(/<title[^>]{0,200}>([^<]{0,300})/i.exec(text)?.[1] ?? "")) ||
    (isRefused && refusedMarks.test(text));
  return tells
    ? `answered with a page${who ? ` of ${who}` : ""} that tests for robots, which Crier cannot pass: ask the publisher to let Crier through`
    : null;
}

const whoseHeader = (said: Readonly<Record<string, string>>): string | undefined =>
  headers.find(([name, value]) => value.test(said[name] ?? ""))?.[2];

/** The same for a page that asks who one is, where no page was looked for. */
export function signInIn(from: HttpAnswer | string): string | null {
  const text = typeof from === "string" ? from.slice(0, headLength) : headOf(from);
  return /<input\b[^>]{0,400}\btype\s*=\s*["']?password/i.test(text)
    ? "answered with a page to sign in at, which Crier cannot: ask for an open address"
    : null;
}

/** True for what begins as a web page does. */
export function isHtml(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
  return /^(?:\xef\xbb\xbf)?\s*(?:<!--[^>]{0,400}-->\s*){0,3}<(?:!doctype\s+html|html|head|body|title|meta|script)\b/i.test(
    head,
  );
}

/** Its marks are in ASCII, whatever the rest is. */
const headOf = ({ bytes }: HttpAnswer): string => new TextDecoder().decode(bytes.subarray(0, headLength));
