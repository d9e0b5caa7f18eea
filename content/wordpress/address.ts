/** Where a site's articles may be asked for, likeliest first: a person gives the site, the API's root or the list itself. */
export function listAddresses(address: string): string[] {
  const url = new URL(address);
  url.hash = "";
  const route = url.searchParams.get("rest_route");
  if (route?.includes("/wp/v2/") || url.pathname.includes("/wp/v2/")) return [url.href];
  if (route !== null) return [withRoute(url, "/wp/v2/posts")];
  if (/\/wp-json\/?$/.test(url.pathname)) return [withPath(url, "/wp/v2/posts")];
  // The site's feed or start page, which people take for the site.
  url.pathname = url.pathname.replace(/\/(?:feed|index\.php)?\/?$/, "/");
  // The second works where the site's addresses are left as numbers.
  return [withPath(url, "/wp-json/wp/v2/posts"), withRoute(url, "/wp/v2/posts")];
}

/** The API's root, asked for no more than the site's name and clock; null when the address does not tell it. */
export function rootAddress(list: string): string | null {
  const url = new URL(list);
  const isRoute = url.searchParams.has("rest_route");
  const at = url.pathname.indexOf("/wp-json/");
  if (!isRoute && at < 0) return null;
  if (!isRoute) url.pathname = url.pathname.slice(0, at + "/wp-json/".length);
  url.search = `${isRoute ? "rest_route=/&" : ""}_fields=name,gmt_offset`;
  return url.href;
}

/** Posts in one answer: with everything embedded WordPress takes seconds for its most, which is 100. */
const perPage = "20";

/** Which page of a list of posts is asked for. */
export interface Page {
  orderby: "date" | "modified";
  page: number;
  modifiedAfter?: Date;
}

/** The address of one page of a list; what the person asked for in the address stands. */
export function pageAddress(list: string, { orderby, page, modifiedAfter }: Page): string {
  const url = new URL(list);
  const query = url.searchParams;
  if (!query.has("per_page")) query.set("per_page", perPage);
  query.set("orderby", orderby);
  query.set("order", "desc");
  query.set("_embed", "author,wp:featuredmedia,wp:term");
  if (page > 1) query.set("page", String(page));
  if (modifiedAfter) query.set("modified_after", modifiedAfter.toISOString().replace(".000Z", "Z"));
  return url.href;
}

/** The list's address again, from that of a page. */
export function listOf(page: string): string {
  const url = new URL(page);
  for (const name of ["orderby", "order", "_embed", "page", "modified_after"]) url.searchParams.delete(name);
  if (url.searchParams.get("per_page") === perPage) url.searchParams.delete("per_page");
  return url.href;
}

function withPath(base: URL, path: string): string {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/$/, "") + path;
  return url.href;
}

function withRoute(base: URL, route: string): string {
  const url = new URL(base);
  url.searchParams.set("rest_route", route);
  return url.href;
}
