/** Hours from UTC of the zone names that feeds write out. "IST" is Israel's here, whose press Crier was made for; India writes +0530. */
const zones: Record<string, number> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  cest: 2,
  met: 1,
  mest: 2,
  eet: 2,
  eest: 3,
  ist: 2,
  idt: 3,
  msk: 3,
  est: -5,
  edt: -4,
  et: -5,
  cst: -6,
  cdt: -5,
  ct: -6,
  mst: -7,
  mdt: -6,
  mt: -7,
  pst: -8,
  pdt: -7,
  pt: -8,
  akst: -9,
  akdt: -8,
  hst: -10,
  ast: -4,
  adt: -3,
  nst: -3.5,
  ndt: -2.5,
  brt: -3,
  art: -3,
  jst: 9,
  kst: 9,
  hkt: 8,
  sgt: 8,
  awst: 8,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
};

/** Minutes from UTC; what lies beyond any zone is none. */
export const signed = (sign: string | undefined, minutes: number): number =>
  minutes > 15 * 60 ? 0 : sign === "-" ? -minutes : minutes;

/** Minutes from UTC of a place ("Asia/Jerusalem") when its own clocks show that time; null for a place that nobody knows. */
export function offsetAt(place: string, local: number): number | null {
  try {
    const format = new Intl.DateTimeFormat("en", { timeZone: place, timeZoneName: "longOffset" });
    const offset = (time: number): number => {
      const name = format.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
      const [, sign, hours = 0, minutes = 0] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
      return (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
    };
    return offset(local - offset(local) * 60_000);
  } catch {
    return null;
  }
}

/** Minutes from UTC of what stands after a time. */
export function offsetOf(after: string): number {
  const found = /([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)/.exec(after);
  if (found) return signed(found[1], Number(found[2]) * 60 + Number(found[3] ?? 0));
  for (const [name] of after.toLowerCase().matchAll(/[a-z]+/g)) {
    const hours = zones[name];
    if (hours !== undefined) return hours * 60;
  }
  return 0;
}
