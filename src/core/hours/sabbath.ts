import type { Interval } from "#core/hours/interval";

/** A place by whose sun Sabbath and holidays begin and end. */
export interface Place {
  name: string;
  /** IANA name of its zone. */
  zone: string;
}

/** Knows when Sabbath and holidays are. What it needs is loaded when it is first asked. */
export interface SabbathCalendar {
  /** Places that it knows by name. @throws Error in words where the calendar cannot be loaded */
  places(): Promise<readonly Place[]>;
  /**
   * The Sabbaths and holidays that are not over by `since` and begin by `until`, each whole: days that follow one another are
   * one. `place` is one of those that it knows, or "31.78,35.22" with the zone of its clocks. @throws Error in words where
   * one of them cannot be calculated
   */
  between(place: string, zone: string, since: Date, until: Date): Promise<Interval[]>;
}
