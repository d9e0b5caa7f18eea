import { z } from "zod";
import type { FeedRules } from "#core/model";

/** Crier's own words in a list: other programs leave them alone. */
export const namespace = "urn:crier:opml";

const conditionSchema = z.strictObject({
  words: z.array(z.string().max(200)).max(500).exactOptional(),
  topics: z.array(z.string().max(200)).max(500).exactOptional(),
  authors: z.array(z.string().max(200)).max(500).exactOptional(),
  languages: z.array(z.string().max(40)).max(100).exactOptional(),
  pattern: z.string().max(1000).exactOptional(),
});
const rulesSchema: z.ZodType<FeedRules> = z.strictObject({
  include: z.array(conditionSchema).max(500).exactOptional(),
  exclude: z.array(conditionSchema).max(500).exactOptional(),
  topics: z
    .array(z.strictObject({ topic: z.string().max(200), when: conditionSchema }))
    .max(500)
    .exactOptional(),
  breaking: z.union([z.literal("never"), z.array(conditionSchema).max(500)]).exactOptional(),
  selector: z.string().max(1000).exactOptional(),
  release: z.enum(["review", "digest"]).exactOptional(),
  embargo: z.boolean().exactOptional(),
  preflight: z.boolean().exactOptional(),
  pages: z.boolean().exactOptional(),
  intervalMs: z.int().min(1_000).max(86_400_000).exactOptional(),
});

/** A feed's rules as Crier writes them; `problem` says in words that they were changed. */
export function readRules(json: string | undefined): { rules?: FeedRules; problem?: string } {
  if (!json) return {};
  try {
    return { rules: rulesSchema.parse(JSON.parse(json)) };
  } catch {
    return { problem: "Its rules were changed by hand and cannot be read." };
  }
}
