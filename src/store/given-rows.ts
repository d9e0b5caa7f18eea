import { type RawBuilder, sql } from "kysely";
import type { Engine } from "#store/database";
import { toJson } from "#store/rows";

/** Rows of values in a statement. */
export interface GivenRows {
  /** What to select from: as `g`. */
  from: RawBuilder<unknown>;
  /** A row's number, or its text, at this place. */
  number(place: number): RawBuilder<number | null>;
  text(place: number): RawBuilder<string | null>;
}

/** Rows that travel as one parameter, so that the statement is the same for any number of them. */
export function givenRows({ name }: Engine, rows: readonly (readonly unknown[])[]): GivenRows {
  const json = toJson(rows);
  const at = (place: number) => sql<string | null>`(g.value ->> ${sql.lit(place)})`;
  return {
    from: name === "SQLite" ? sql`json_each(${json}) g` : sql`json_array_elements(cast(${json} as json)) g`,
    number: (place) => sql`cast(${at(place)} as bigint)`,
    text: at,
  };
}
