import { encodePng } from "./png.ts";

export type Colour = readonly [red: number, green: number, blue: number];

/** A figure by its signed distance in pixels, negative inside, and the box that holds it. */
export interface Shape {
  distance(x: number, y: number): number;
  box: readonly [left: number, top: number, right: number, bottom: number];
}

/** The scenes are laid out on this sheet, 16:9. */
export const width = 960;
export const height = 540;

/** Pixels a unit of the sheet: the picture is wide enough for a large preview on every platform, and quick to draw. */
const scale = 5 / 6;
export const pixelWidth = width * scale;
export const pixelHeight = height * scale;

export interface Canvas {
  fill(shape: Shape, colour: Colour): Canvas;
  /** Prints the shape in dots like a newspaper's; `density` from 0 (none) to 1 (solid) at a place. */
  halftone(shape: Shape, colour: Colour, density: (x: number, y: number) => number): Canvas;
  png(): Buffer<ArrayBuffer>;
}

export function createCanvas(paper: Colour): Canvas {
  const pixels = new Uint8Array(pixelWidth * pixelHeight * 3);
  pixels.set(paper);
  for (let done = 3; done < pixels.length; done *= 2) pixels.copyWithin(done, 0, done);

  const paint = (shape: Shape, [red, green, blue]: Colour, cover: ((x: number, y: number) => number) | null): void => {
    const [left, top, right, bottom] = shape.box;
    const lastX = Math.min(pixelWidth, right * scale);
    const lastY = Math.min(pixelHeight, bottom * scale);
    for (let row = Math.max(0, Math.floor(top * scale)); row < lastY; row++) {
      for (let column = Math.max(0, Math.floor(left * scale)); column < lastX; column++) {
        const x = column / scale;
        const y = row / scale;
        const inside = 0.5 - shape.distance(x, y) * scale;
        if (inside <= 0) continue;
        const part = Math.min(1, inside) * (cover ? cover(x, y) : 1);
        if (part <= 0) continue;
        const at = (row * pixelWidth + column) * 3;
        pixels[at] = mix(pixels[at], red, part);
        pixels[at + 1] = mix(pixels[at + 1], green, part);
        pixels[at + 2] = mix(pixels[at + 2], blue, part);
      }
    }
  };

  const canvas: Canvas = {
    fill(shape, colour) {
      paint(shape, colour, null);
      return canvas;
    },
    halftone(shape, colour, density) {
      paint(shape, colour, (x, y) => dot(x, y, density));
      return canvas;
    },
    png: () => encodePng(pixels, pixelWidth, pixelHeight),
  };
  return canvas;
}

const mix = (under: number | undefined, over: number, part: number): number =>
  Math.round((under ?? 0) + (over - (under ?? 0)) * part);

/** Math.hypot takes ten times as long, and is asked for each pixel. */
export const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);

const pitch = 9;

/** How much of a pixel the nearest dot covers, on a grid turned by 45 degrees. */
function dot(x: number, y: number, density: (x: number, y: number) => number): number {
  const u = (x + y) / Math.SQRT2 / pitch;
  const v = (y - x) / Math.SQRT2 / pitch;
  const cu = Math.round(u);
  const cv = Math.round(v);
  const ink = density(((cu - cv) * pitch) / Math.SQRT2, ((cu + cv) * pitch) / Math.SQRT2);
  if (ink <= 0) return 0;
  const radius = pitch * 0.72 * Math.sqrt(Math.min(1, ink));
  return Math.max(0, Math.min(1, radius - length(u - cu, v - cv) * pitch + 0.5));
}

const whole = [0, 0, width, height] as const;

export const circle = (cx: number, cy: number, r: number): Shape => ({
  distance: (x, y) => length(x - cx, y - cy) - r,
  box: [cx - r - 1, cy - r - 1, cx + r + 1, cy + r + 1],
});

export const rect = (left: number, top: number, wide: number, high: number): Shape => ({
  distance: (x, y) => Math.max(left - x, x - left - wide, top - y, y - top - high),
  box: [left - 1, top - 1, left + wide + 1, top + high + 1],
});

/** A line with round ends. */
export const stroke = (x1: number, y1: number, x2: number, y2: number, thick: number): Shape => ({
  distance(x, y) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
    return length(x - x1 - dx * along, y - y1 - dy * along) - thick / 2;
  },
  box: [Math.min(x1, x2) - thick, Math.min(y1, y2) - thick, Math.max(x1, x2) + thick, Math.max(y1, y2) + thick],
});

export const polygon = (...points: (readonly [number, number])[]): Shape => {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    distance(x, y) {
      let nearest = Number.POSITIVE_INFINITY;
      let inside = false;
      for (const [i, [x1, y1]] of points.entries()) {
        const [x2, y2] = points[(i + 1) % points.length] ?? [x1, y1];
        const [dx, dy] = [x2 - x1, y2 - y1];
        const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
        nearest = Math.min(nearest, length(x - x1 - dx * along, y - y1 - dy * along));
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
      }
      return inside ? -nearest : nearest;
    },
    box: [Math.min(...xs) - 1, Math.min(...ys) - 1, Math.max(...xs) + 1, Math.max(...ys) + 1],
  };
};

/** All that lies under a line given by its height at each x. */
export const below = (line: (x: number) => number): Shape => ({
  distance: (x, y) => (line(x) - y) * 0.9,
  box: whole,
});

/** The outline of a circle. */
export const ring = (cx: number, cy: number, r: number, thick: number): Shape => ({
  distance: (x, y) => Math.abs(length(x - cx, y - cy) - r) - thick / 2,
  box: [cx - r - thick, cy - r - thick, cx + r + thick, cy + r + thick],
});

/** What lies in both. */
export const both = (a: Shape, b: Shape): Shape => ({
  distance: (x, y) => Math.max(a.distance(x, y), b.distance(x, y)),
  box: [
    Math.max(a.box[0], b.box[0]),
    Math.max(a.box[1], b.box[1]),
    Math.min(a.box[2], b.box[2]),
    Math.min(a.box[3], b.box[3]),
  ],
});

/** What lies in the first but not in the second. */
export const without = (a: Shape, b: Shape): Shape => ({
  distance: (x, y) => Math.max(a.distance(x, y), -b.distance(x, y)),
  box: a.box,
});

export const everywhere: Shape = { distance: () => -1, box: whole };
