import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * Answers only where the browser was sent here by this page's own address. A foreign name in Host is DNS rebinding
 * (an IP address cannot be rebound); a POST with another Origin, or none, is another site's form.
 */
export const guard =
  (host: string): MiddlewareHandler =>
  async (context, next) => {
    const asked = context.req.header("host") ?? "";
    if (!isOwnName(asked, host))
      return context.text("This address is not the sandbox's. Open it by the address that Crier printed.", 421);
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      const origin = URL.parse(context.req.header("origin") ?? "");
      if (origin?.host !== asked.toLowerCase())
        return context.text("This was sent from another page. Open the sandbox and try again.", 403);
    }
    await next();
    const { headers } = context.res;
    if (!headers.has("content-security-policy")) headers.set("content-security-policy", policy);
    headers.set("x-content-type-options", "nosniff");
    headers.set("cross-origin-resource-policy", "same-origin");
    headers.set("cross-origin-opener-policy", "same-origin");
    // The forms come back to where the visitor was, by the referrer.
    headers.set("referrer-policy", "same-origin");
  };

function isOwnName(asked: string, host: string): boolean {
  const name = URL.parse(`http://${asked}`)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  return name === "localhost" || isIP(name) !== 0 || (name !== "" && name === host.toLowerCase());
}
