import { nameKey } from "#core/article-text";

/** Characters of a name that are compared: a slip shows in these. */
const mostCompared = 60;

/** The names that somebody may have meant, the likeliest first: begun alike, or a few letters away. */
export function nearest(written: string, names: readonly string[], most = 3): string[] {
  const wanted = nameKey(written).slice(0, mostCompared);
  if (wanted === "") return [];
  return names
    .map((name) => ({ name, distance: distanceTo(wanted, nameKey(name).slice(0, mostCompared)) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(wanted.length / 3)))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Letters to add, drop, change or swap; a name that begins as the other is whole is one letter away. */
function distanceTo(wanted: string, name: string): number {
  const shorter = wanted.length < name.length ? wanted : name;
  if (shorter.length > 1 && wanted !== name && (wanted.startsWith(name) || name.startsWith(wanted))) return 1;
  let before: number[] = [];
  let row = Array.from({ length: name.length + 1 }, (_, column) => column);
  for (let line = 1; line <= wanted.length; line++) {
    const next = [line];
    for (let column = 1; column <= name.length; column++) {
      const isSame = wanted[line - 1] === name[column - 1];
      const isSwapped = wanted[line - 1] === name[column - 2] && wanted[line - 2] === name[column - 1];
      next[column] = Math.min(
        (row[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (row[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[name.length] ?? 0;
}
