/** Takes a value of JSON for what it should be. Throws a TypeError where it is anything else. */
export type Reader<T> = (value: unknown) => T;

type Shape = Record<string, Reader<unknown>>;
type OptionalKeys<S extends Shape> = { [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never }[keyof S];
type Fields<S extends Shape> = { [K in Exclude<keyof S, OptionalKeys<S>>]: ReturnType<S[K]> } & {
  [K in OptionalKeys<S>]?: ReturnType<S[K]>;
};

type Kinds<M extends Record<string, Shape>> = { [K in keyof M]: { kind: K } & Fields<M[K]> }[keyof M];

/** Of so many UTF-16 units. */
export const string =
  (longest: number, shortest = 0): Reader<string> =>
  (value) =>
    typeof value === "string" && value.length >= shortest && value.length <= longest ? value : refuse();

export const boolean: Reader<boolean> = (value) => (typeof value === "boolean" ? value : refuse());

export const integer: Reader<number> = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : refuse();

export const oneOf =
  <const T extends string>(...words: readonly T[]): Reader<T> =>
  (value) =>
    words.find((word) => word === value) ?? refuse();

export const nullable =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value) =>
    value === null ? null : reader(value);

export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value) =>
    value === undefined ? undefined : reader(value);

export const list =
  <T>(reader: Reader<T>, most: number): Reader<T[]> =>
  (value) =>
    Array.isArray(value) && value.length <= most ? value.map((item) => reader(item)) : refuse();

/** An object with these fields; what it has besides is left out. */
export const object =
  <S extends Shape>(shape: S): Reader<Fields<S>> =>
  (value) => {
    const given = record(value);
    const read = Object.entries(shape).map(([key, reader]) => [key, reader(own(given, key))] as const);
    return Object.fromEntries(read.filter(([, field]) => field !== undefined)) as Fields<S>;
  };

/** An object whose `kind` says which fields it has. */
export const kinds =
  <M extends Record<string, Shape>>(shapes: M): Reader<Kinds<M>> =>
  (value) => {
    const kind = own(record(value), "kind");
    const shape = typeof kind === "string" && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
    return shape ? ({ kind, ...object(shape)(value) } as Kinds<M>) : refuse();
  };

const record = (value: unknown): object =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : refuse();

const own = (from: object, key: string): unknown => Object.getOwnPropertyDescriptor(from, key)?.value;

function refuse(): never {
  throw new TypeError("The page said something that it never says.");
}
