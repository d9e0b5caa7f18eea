import type { Phone } from "../phone.ts";
import { type Pane, panesOf } from "./panes.ts";

const views = ["telegram", "whatsapp", "desk", "ledger"] as const;
export type View = (typeof views)[number];

/** What a visitor looks at; kept in the address, so that it works without the script too. */
export interface Visit {
  /** The part that a small screen shows. */
  view: View;
  /** The chat that is open on each phone. */
  open: { telegram: string | null; whatsapp: string | null };
}

export const readVisit = (query: URLSearchParams): Visit => ({
  view: views.find((view) => view === query.get("view")) ?? "telegram",
  open: { telegram: query.get("telegram"), whatsapp: query.get("whatsapp") },
});

/** The address of the page as the visitor sees it, with one thing changed. */
export function linkTo(visit: Visit, change: { view?: View; telegram?: string; whatsapp?: string } = {}): string {
  const query = new URLSearchParams();
  const values = { view: visit.view, ...visit.open, ...change };
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
  return `/sandbox?${query}`;
}

/** The open chat of a phone; its first one where the address names none that it has. */
export function openPane(phone: Phone, visit: Visit): Pane | null {
  const panes = panesOf(phone);
  return panes.find(({ id }) => id === visit.open[phone.platform]) ?? panes[0] ?? null;
}
