import { below, type Colour, height } from "./canvas.ts";

export const paper: Colour = [246, 239, 224];
export const cream: Colour = [252, 248, 238];
export const ink: Colour = [33, 38, 46];
export const night: Colour = [35, 58, 82];
export const sea: Colour = [62, 110, 122];
export const foam: Colour = [128, 165, 165];
export const brass: Colour = [201, 148, 62];
export const brick: Colour = [178, 84, 58];
export const moss: Colour = [104, 122, 84];
export const dusk: Colour = [224, 178, 128];

/** Darker towards the bottom, from `from` to `to`. */
export const fade = (from: number, to: number) => (_x: number, y: number) => from + ((to - from) * y) / height;
export const swell = (level: number, high: number, long: number, shift = 0) =>
  below((x) => level + high * Math.sin((x + shift) / long));
export const columns = (count: number, draw: (index: number) => void): void => {
  for (let index = 0; index < count; index++) draw(index);
};
