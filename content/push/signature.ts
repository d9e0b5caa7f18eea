import { createHmac, timingSafeEqual } from "node:crypto";

/** What WebSub lets a hub sign with. */
const methods = new Set(["sha1", "sha256", "sha384", "sha512"]);

/** A signature as the header names it, its method allowed and its digest as long as that method's; or null. */
export function readSignature(header: string | undefined): { method: string; digest: Buffer } | null {
  const [, method, hex] = /^(sha\d{1,3})=([\da-f]{40,128})$/i.exec(header?.trim() ?? "") ?? [];
  if (!method || !hex || !methods.has(method.toLowerCase())) return null;
  return { method: method.toLowerCase(), digest: Buffer.from(hex, "hex") };
}

/** True when the holder of the secret signed just these bytes. Takes the same time whatever differs. */
export function isSignedBy(
  secret: string,
  { method, digest }: { method: string; digest: Buffer },
  body: Uint8Array,
): boolean {
  const own = createHmac(method, secret).update(body).digest();
  return own.length === digest.length && timingSafeEqual(own, digest);
}
