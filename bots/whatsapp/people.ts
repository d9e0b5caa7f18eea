import type { Client } from "whatsapp-web.js";

/** A person's address by their phone number: "972501234567@c.us". */
export const personAddress = (digits: string): string => `${digits}@c.us`;

/** The digits of a number in any writing; those of an address. */
export const digitsOf = (number: string): string => number.replace(/@.*$/, "").replace(/:\d+$/, "").replace(/\D/g, "");

/** Admins are known by their phone numbers: an "@lid" that WhatsApp does not explain is nobody's. */
export const isAdmin = (address: string, admins: readonly string[]): boolean => {
  const digits = digitsOf(address);
  return digits !== "" && address === personAddress(digits) && admins.includes(digits);
};

/**
 * The address by phone number of a person whom WhatsApp names by an "@lid", which hides it; the address itself where
 * WhatsApp does not tell.
 */
export async function resolvePerson(client: Client, id: string): Promise<string> {
  if (!id.endsWith("@lid")) return personAddress(digitsOf(id));
  try {
    const [person] = await client.getContactLidAndPhone([id]);
    return person?.pn ? personAddress(digitsOf(person.pn)) : id;
  } catch {
    return id;
  }
}

/** The addresses under which WhatsApp knows this number itself. */
export async function ownAddresses(client: Client): Promise<string[]> {
  const own = client.info.wid._serialized;
  const [known] = await client.getContactLidAndPhone([own]);
  return [own, known?.lid, known?.pn].filter((address) => address !== undefined);
}
