import {
  below,
  both,
  type Canvas,
  type Colour,
  circle,
  createCanvas,
  everywhere,
  length,
  polygon,
  rect,
  ring,
  stroke,
  width,
  without,
} from "./canvas.ts";
import { brass, brick, columns, cream, dusk, fade, foam, ink, moss, night, paper, sea } from "./palette.ts";

/** Pictures of the town and its land, drawn by code. */

export const bell = (): Canvas => {
  const canvas = createCanvas(paper);
  columns(4, (i) => canvas.halftone(ring(480, 300, 230 + i * 76, 34), dusk, () => 0.72 - i * 0.14));
  canvas.fill(rect(280, 66, 400, 26), ink).fill(rect(462, 80, 36, 50), ink);
  canvas.fill(circle(480, 420, 34), ink);
  canvas.fill(both(circle(480, 224, 112), rect(360, 100, 240, 124)), brass);
  canvas.fill(polygon([368, 222], [592, 222], [616, 330], [664, 392], [296, 392], [344, 330]), brass);
  canvas.halftone(polygon([480, 112], [592, 222], [616, 330], [664, 392], [480, 392]), brick, (x) => (x - 470) / 260);
  return canvas
    .fill(rect(288, 384, 384, 20), ink)
    .fill(rect(356, 240, 248, 8), ink)
    .fill(rect(352, 258, 256, 3), ink);
};

export const harbour = (): Canvas => {
  const canvas = createCanvas(paper).halftone(everywhere, foam, fade(0.5, 0.05));
  const roofs: [number, number, number, Colour][] = [
    [60, 130, 230, brick],
    [190, 110, 180, cream],
    [300, 140, 250, dusk],
    [440, 100, 190, moss],
    [540, 150, 270, cream],
    [690, 110, 210, brick],
    [800, 120, 240, dusk],
  ];
  for (const [left, wide, high, colour] of roofs) {
    const top = 400 - high;
    canvas.fill(rect(left, top, wide, high), colour);
    canvas.fill(polygon([left - 6, top], [left + wide / 2, top - 56], [left + wide + 6, top]), night);
    columns(Math.floor(high / 56), (row) =>
      columns(2, (i) => canvas.fill(rect(left + wide * (0.2 + i * 0.36), top + 22 + row * 54, wide * 0.22, 28), ink)),
    );
  }
  canvas.fill(rect(0, 396, width, 12), ink).fill(rect(0, 408, width, 132), sea);
  canvas.halftone(rect(0, 408, width, 132), night, fade(-1.4, 0.8));
  columns(9, (i) => canvas.fill(rect((i * 113) % 900, 430 + ((i * 37) % 96), 64, 5), foam));
  return canvas;
};

export const bread = (): Canvas => {
  const canvas = createCanvas(dusk).halftone(everywhere, brick, fade(-0.1, 0.4));
  canvas.fill(rect(0, 400, width, 140), ink).fill(rect(0, 400, width, 12), brass);
  const loaf = (cx: number, cy: number, r: number, colour: Colour): void => {
    const body = both(
      {
        distance: (x, y) => (length((x - cx) / 1.5, y - cy) - r) * 1.1,
        box: [cx - r * 1.6, cy - r, cx + r * 1.6, cy + r],
      },
      rect(cx - r * 2, cy - r, r * 4, r * 1.42),
    );
    canvas.fill(body, colour).halftone(body, brick, (x, y) => (y - cy) / r + (x - cx) / (r * 5));
    columns(3, (i) => {
      const x = cx + (i - 1) * r * 0.72;
      canvas.fill(stroke(x - r * 0.22, cy - r * 0.06, x + r * 0.2, cy - r * 0.58, 11), cream);
    });
  };
  loaf(270, 330, 136, brass);
  loaf(700, 338, 124, brass);
  loaf(486, 352, 150, [222, 172, 88]);
  return canvas.halftone(rect(0, 412, width, 128), dusk, fade(1.1, -0.9));
};

export const bridge = (): Canvas => {
  const canvas = createCanvas(cream)
    .fill(circle(236, 150, 70), brass)
    .halftone(
      below((x) => 250 - 70 * Math.sin(x / 170)),
      moss,
      fade(0.5, 0.9),
    )
    .fill(rect(0, 376, width, 164), sea);
  canvas.fill(rect(0, 214, width, 30), brick).fill(rect(0, 204, width, 8), ink);
  columns(5, (i) => {
    const left = -20 + i * 210;
    const arch = without(rect(left - 1, 240, 212, 160), circle(left + 105, 346, 84));
    canvas.fill(without(arch, rect(left + 21, 346, 168, 60)), brick);
    canvas.halftone(without(rect(left, 400, 210, 90), circle(left + 105, 418, 84)), brick, fade(2.6, -1.8));
  });
  columns(8, (i) => canvas.fill(rect((i * 149) % 900, 412 + ((i * 31) % 110), 90, 4), cream));
  return canvas;
};

export const orchard = (): Canvas => {
  const canvas = createCanvas(paper)
    .fill(circle(770, 130, 66), brass)
    .halftone(
      below((x) => 290 - 60 * Math.sin(x / 190)),
      moss,
      () => 0.5,
    )
    .fill(
      below((x) => 380 - 40 * Math.sin((x + 200) / 240)),
      moss,
    );
  const tree = (x: number, y: number, r: number): void => {
    canvas.fill(rect(x - 8, y, 16, r * 1.3), ink).fill(circle(x, y - r * 0.4, r), night);
    canvas.halftone(circle(x, y - r * 0.4, r), moss, (px, py) => 0.9 - (px - x + py - y + r) / (r * 1.6));
    columns(6, (i) =>
      canvas.fill(circle(x + ((i * 37) % (r * 1.3)) - r * 0.6, y - r * 0.8 + ((i * 29) % r), 8), brick),
    );
  };
  tree(150, 330, 84);
  tree(420, 350, 96);
  tree(690, 330, 86);
  tree(880, 372, 70);
  return canvas;
};

export const books = (): Canvas => {
  const canvas = createCanvas(paper).halftone(everywhere, dusk, fade(0.2, 0.6));
  const colours = [brick, night, brass, moss, sea, ink, dusk, brick, cream, night, moss, brass, sea];
  for (const shelf of [0, 1]) {
    let left = 60;
    columns(13, (i) => {
      const wide = 44 + (((i + shelf * 5) * 23) % 34);
      const high = 150 + (((i + shelf * 3) * 41) % 62);
      const top = 256 + shelf * 240 - high;
      const colour = colours[(i + shelf * 4) % colours.length] ?? ink;
      if (left + wide < 900) {
        canvas.fill(rect(left, top, wide - 4, high), colour);
        canvas
          .fill(rect(left + 8, top + 22, wide - 20, 5), cream)
          .fill(rect(left + 8, top + high - 30, wide - 20, 5), cream);
      }
      left += wide;
    });
    canvas.fill(rect(30, 256 + shelf * 240, 900, 18), ink);
  }
  return canvas;
};
