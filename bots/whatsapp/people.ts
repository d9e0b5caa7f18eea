import type { Client } from "whatsapp-web.js";

/** A person's address by their phone number: "972501234567@c.us". */
export const personAddress = (digits: string): string => `${digits}@c.us`;

/** The digits of a number in any writing; those of an address. */
export const digitsOf = (number: string): string => number.replace(/@.*$/, "").replace(/:\d+$/, "").replace(/\D/g, "");

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
