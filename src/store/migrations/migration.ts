import type { Engine } from "#store/database";

/** One step of the schema. Once released it never changes; a later step mends an earlier one. */
export interface Migration {
  /** 1, 2, 3, … the same on both engines. */
  readonly number: number;
  readonly name: string;
  statements(engine: Engine): string[];
}
