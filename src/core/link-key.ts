import { isTrackingMark } from "#core/tracking";

/** Longer links are no page that a person could pass on. */
const longestLink = 4096;

/** Wrappers around a wrapped link; a hostile link has more. */
const mostWrappers = 3;

/**
 * The key under which two links lead to the same article; null for what is no web link or names no one article: a home page,
 * its languages and standing sections. It is no link itself: "site.example/2026/story?id=5". Never throws.
 */
export function linkKey(url: string): string | null {
  let link = parse(url);
  for (let left = mostWrappers; link && left > 0; left--) {
    const wrapped = wrappedLink(link);
    if (wrapped === null) break;
    link = parse(wrapped) ?? link;
  }
  if (!link) return null;
  const path = pathKey(link.pathname);
  const query = link.search === "" ? "" : queryKey(link.search);
  // Pages of one file keep their route there; all else is a place within the page.
  const route = /^#!?\/[^/]|^#![^/]/.test(link.hash) ? decoded(link.hash) : "";
  if (route === "" && isFront(path, query)) return null;
  return `${hostKey(link.hostname)}${portKey(link.port)}${path}${query}${route}`;
}

function parse(url: string): URL | null {
  if (url.length > longestLink) return null;
  const link = URL.parse(url);
  return link && (link.protocol === "https:" || link.protocol === "http:") && link.hostname ? link : null;
}

/** The link that an AMP viewer or cache, or Google's redirect (Google Alerts links so), carries inside its own; null for a plain one. */
function wrappedLink({ hostname, pathname, search, searchParams }: URL): string | null {
  if (/(?:^|\.)(?:google\.[a-z.]{2,6}|bing\.com)$/.test(hostname)) {
    if (pathname === "/url") return searchParams.get("url") ?? searchParams.get("q");
    if (pathname.startsWith("/amp/")) return inPath(pathname.slice(5), search);
  }
  if (/\.(?:ampproject\.(?:org|net)|bing-amp\.com)$/.test(hostname)) {
    const kind = /^\/(?:[acvr]|wp)\//.exec(pathname)?.[0];
    if (kind) return inPath(pathname.slice(kind.length), search);
  }
  return null;
}

/** "s/site.example/story": the s stands for https, which the key leaves out. */
const inPath = (path: string, search: string): string | null =>
  /^(?:s\/)?[^/.]+\.[^/]+\//.test(path) ? `https://${path.replace(/^s\//, "")}${search}` : null;

/** Hosts for phones and for AMP tell the same as the site itself. What is left must still be a site: "m.co.uk" is one. */
function hostKey(hostname: string): string {
  const host = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  const bare = host.replace(/^(?:(?:www\d?|m|mobile|amp)\.)+/, "").replace(/^([a-z]{2,3})\.m\./, "$1.");
  return !bare.includes(".") || /^(?:co|com|org|net|gov|ac|edu|go|ne|or)\.[a-z]{2}$/.test(bare) ? host : bare;
}

const portKey = (port: string): string => (port === "" || port === "80" || port === "443" ? "" : `:${port}`);

/** Without what a path says twice, names of the index page, session ids and AMP's marks; "" for the root. */
function pathKey(pathname: string): string {
  let path = decoded(pathname);
  if (path.includes(";")) path = path.replace(/;jsessionid=[^/]*/gi, "");
  if (path.includes("//")) path = path.replace(/\/{2,}/g, "/");
  path = path.endsWith("/") ? path.slice(0, -1) : path;
  const last = path.slice(path.lastIndexOf("/") + 1);
  if (/^(?:index|default)\.(?:[a-z]?html?|php\d?|aspx?|jsp)$/i.test(last)) path = path.slice(0, -last.length - 1);
  if (!path.includes("amp")) return path;
  return path
    .replace(/^\/amp(?=\/|$)/, "")
    .replace(/\/amp(?:\.html?)?$/, "")
    .replace(/\.amp(\.html?)?$/, "$1");
}

/** In its parameters' order by name, in one way of writing, without those that do not change the article. */
function queryKey(search: string): string {
  const kept: string[] = [];
  for (const pair of search.slice(1).split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = at === -1 ? pair : pair.slice(0, at);
    const value = at === -1 ? "" : pair.slice(at + 1);
    if (countsReaders(name, value) || isDress(name, value)) continue;
    const written = decoded(value === "" ? name : pair);
    kept.push(written.includes("+") ? written.replaceAll("+", " ") : written);
  }
  return kept.length === 0 ? "" : `?${kept.sort().join("&")}`;
}

/** Families of further marks by which senders count readers. Names in lower case, as their makers' manuals give them. */
const countingFamilies =
  /^(?:utm|mtm|matomo|pk|piwik|hsa|at|oly|vero|ns|bsft|gaa|guce|fb|elq|sfmc|_branch|mc|trk|dm|wt|cm|itm|amp)[_.]|^(?:__twitter|elqtrack|phpsessid|jsessionid|aspsessionid)/;
/** Names that may say something else on some site; of two links that differ by them alone, both lead to one article. */
const countingNames = new Set(
  (
    "srsltid ysclid li_fat_id epik rdt_cid sc_cid s_cid s_kwcid ef_id " +
    "igsh _ga _gl __s _openstat action_object_map action_ref_map action_type_map cmp campaign_id cx_testid " +
    "dicbo emc etext feature guccounter icid intcmp instance_id mbid mibextid mod ncid nocache nr_email_referer " +
    "ocid partner ref_src ref_url referer referrer reflink regi_id roistat segment_id share sharesource share_id smid smtyp soc_src soc_trk sref " +
    "sr_share srnd taid tblci tpcc user_id wpisrc wpmm xtref xts spm usqp aoh csi fromrss cachebuster ck_subscriber_id obref outbrain taboola bbeml leadsource"
  ).split(" "),
);
/** Names that identify an article on one site and tell on another where the reader came from: their values decide. */
const doubtfulNames = new Set("from src source via feed channel medium origin platform campaign ref".split(" "));
const channels =
  /^(?:rss|feed|atom|xml|twitter|x|facebook|fb|telegram|tg|whatsapp|wa|viber|vk|instagram|ig|linkedin|reddit|pinterest|youtube|email|mail|e-mail|newsletter|push|notification|sms|social|share|sharing|google|googlenews|google_news|news|flipboard|apple|applenews|smartnews|msn|yahoo|homepage|home|hp|mobile|app|ios|android|web|desktop|amp|widget|related|recommended|trending)(?:[-_].{0,40})?$/;

function countsReaders(name: string, value: string): boolean {
  const low = name.toLowerCase();
  if (isTrackingMark(low) || countingNames.has(low) || countingFamilies.test(low)) return true;
  if (!doubtfulNames.has(low)) return false;
  // "ref" is a channel in any words, and an article where it is a number.
  return channels.test(value.toLowerCase()) || (low === "ref" && !/^\d{3,}$/.test(value));
}

/** The same article in the dress of AMP, of a phone or for the printer. */
const isDress = (name: string, value: string): boolean =>
  ((name === "amp" || name === "print" || name === "rss") && /^(?:1|true|yes|)$/i.test(value)) ||
  (/^output_?type$/i.test(name) && /^amp/i.test(value)) ||
  (name === "m" && /^[01]$/.test(value));

/** One way of writing: percent-encoding taken off where it says no more, in NFC. What is no UTF-8 keeps its bytes, in capitals. */
function decoded(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURI(part)
      .normalize("NFC")
      .replace(/%[\da-f]{2}/gi, toUpper);
  } catch {
    return part.replace(/%[\da-f]{2}/gi, toUpper);
  }
}

const toUpper = (text: string): string => text.toUpperCase();

/** Pages that show whatever is newest, in a language or in all. */
const standing = new RegExp(
  "^(?:|/(?:ar|am|cs|da|de|el|en|es|fa|fi|fr|he|hi|hu|it|iw|ja|ko|nl|no|pl|pt|ro|ru|sv|tr|ua|uk|yi|zh)(?:[-_][a-z]{2})?" +
    "|/(?:home|homepage|main|news|latest|live|breaking|blog|rss|feed))$",
  "i",
);
/** Parameters that choose how a front page is shown, not what. */
const showing = /^\?(?:(?:hl|lang|language|locale|edition|page|theme)(?:=[^&]{0,20})?(?:&|$))+$/;

const isFront = (path: string, query: string): boolean => standing.test(path) && (query === "" || showing.test(query));
