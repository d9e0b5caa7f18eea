/** Lets others have a turn: SQLite answers at once and never does. */
export const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
