import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  key: string;
  /** PEM. */
  cert: string;
  /** SHA-256 of the public key's SPKI in base64: what Chromium can be told to trust, and nothing else with it. */
  spki: string;
}

/** From before now to after the run, however wrong a clock is. */
const validity = { from: "200101000000Z", to: "491231235959Z" };

/** A certificate made for this run alone: X.509 version 3 with a P-256 key, signed by itself. */
export function createCertificate(host: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  // 1.2.840.10045.4.3.2, ecdsa-with-SHA256
  const algorithm = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  // 2.5.4.3, commonName
  const name = sequence(der(0x31, sequence(der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from(host)))));
  // 2.5.29.17, subjectAltName, with the one name as dNSName
  const altNames = sequence(der(0x82, Buffer.from(host)));
  const extension = sequence(der(0x06, Buffer.from("551d11", "hex")), der(0x04, altNames));
  const unsigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    // A first byte without its high bit, which would make the number negative, and not zero.
    der(0x02, Buffer.from([1]), randomBytes(15)),
    algorithm,
    name,
    sequence(der(0x17, Buffer.from(validity.from)), der(0x17, Buffer.from(validity.to))),
    name,
    spki,
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", unsigned, privateKey));
  const cert = sequence(unsigned, algorithm, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    spki: createHash("sha256").update(spki).digest("base64"),
  };
}

/** One value in ASN.1's DER: its tag, its length and its contents, of less than 64 kB. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
