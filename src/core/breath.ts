/** Lets others have a turn: a store that answers at once never does. */
export const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
