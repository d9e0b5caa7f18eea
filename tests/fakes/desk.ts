import type { DeskSettings } from "#core/desk/hold";

/** A desk as it is where the settings say nothing, and no links are looked at. */
export const deskSettings: DeskSettings = {
  editors: 1,
  expiresMs: 24 * 3_600_000,
  preflight: false,
  probeAfterMs: null,
};
