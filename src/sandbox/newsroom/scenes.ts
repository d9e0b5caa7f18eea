import {
  below,
  both,
  type Canvas,
  type Colour,
  circle,
  createCanvas,
  everywhere,
  height,
  length,
  polygon,
  rect,
  ring,
  stroke,
  width,
  without,
} from "./canvas.ts";

const paper: Colour = [246, 239, 224];
const cream: Colour = [252, 248, 238];
const ink: Colour = [33, 38, 46];
const night: Colour = [35, 58, 82];
const sea: Colour = [62, 110, 122];
const foam: Colour = [128, 165, 165];
const brass: Colour = [201, 148, 62];
const brick: Colour = [178, 84, 58];
const moss: Colour = [104, 122, 84];
const dusk: Colour = [224, 178, 128];

/** Darker towards the bottom, from `from` to `to`. */
const fade = (from: number, to: number) => (_x: number, y: number) => from + ((to - from) * y) / height;
const swell = (level: number, high: number, long: number, shift = 0) =>
  below((x) => level + high * Math.sin((x + shift) / long));
const columns = (count: number, draw: (index: number) => void): void => {
  for (let index = 0; index < count; index++) draw(index);
};

const ferry = (): Canvas => {
  const canvas = createCanvas(paper)
    .halftone(everywhere, dusk, fade(0.55, 0.1))
    .fill(circle(720, 215, 92), brick);
  canvas
    .fill(rect(300, 236, 330, 56), cream)
    .fill(rect(360, 188, 190, 50), cream)
    .fill(rect(455, 120, 46, 70), brick);
  canvas.fill(rect(455, 136, 46, 14), ink);
  columns(7, (i) => canvas.fill(rect(322 + i * 43, 252, 24, 20), night));
  columns(4, (i) => canvas.fill(rect(378 + i * 42, 202, 24, 18), night));
  canvas.fill(polygon([230, 292], [700, 292], [648, 372], [276, 372]), night).fill(rect(254, 312, 424, 8), cream);
  canvas
    .fill(circle(484, 96, 18), foam)
    .fill(circle(520, 72, 26), foam)
    .fill(circle(566, 52, 34), foam);
  return canvas
    .fill(swell(362, 9, 38), sea)
    .halftone(swell(362, 9, 38), night, fade(-0.6, 0.75))
    .fill(
      both(
        swell(420, 7, 30, 60),
        below(() => 418),
      ),
      foam,
    )
    .fill(swell(436, 7, 30, 60), sea)
    .fill(swell(486, 8, 44, 10), night);
};

const lighthouse = (): Canvas => {
  const beam = (x: number, y: number): number => Math.max(0, 0.75 - length(x - 640, y - 150) / 640);
  const canvas = createCanvas(night)
    .halftone(polygon([640, 150], [-40, 20], [-40, 300]), brass, beam)
    .halftone(polygon([640, 150], [1000, 60], [1000, 250]), brass, beam);
  columns(16, (i) => canvas.fill(circle((i * 137) % 940, 18 + ((i * 71) % 190), 1 + (i % 3)), cream));
  canvas.fill(polygon([600, 190], [680, 190], [712, 440], [568, 440]), cream);
  columns(3, (i) => {
    const band = rect(540, 222 + i * 84, 200, 40);
    canvas.fill(both(polygon([600, 190], [680, 190], [712, 440], [568, 440]), band), brick);
  });
  canvas
    .fill(rect(588, 178, 104, 14), ink)
    .fill(rect(612, 124, 56, 56), brass)
    .fill(rect(636, 124, 6, 56), ink);
  canvas.fill(polygon([600, 126], [680, 126], [640, 84]), brick);
  const cliff = below((x) => (x < 420 ? 560 : 520 - 128 * Math.sin(Math.min(1.57, (x - 420) / 130))));
  return canvas
    .fill(cliff, ink)
    .fill(swell(470, 10, 42), sea)
    .fill(swell(506, 8, 33, 40), foam);
};

const bell = (): Canvas => {
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

const harbour = (): Canvas => {
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

const bread = (): Canvas => {
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

const bridge = (): Canvas => {
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

const rowing = (): Canvas => {
  const canvas = createCanvas(foam).halftone(everywhere, sea, fade(-0.1, 0.7));
  const boat = (y: number, shift: number, colour: Colour): void => {
    columns(4, (i) => {
      const x = 250 + shift + i * 112;
      canvas.fill(stroke(x, y - 26, x - 54, y + 62, 7), ink).fill(stroke(x - 50, y + 54, x - 66, y + 84, 15), cream);
      canvas.fill(stroke(x, y - 8, x + 12, y - 54, 30), colour).fill(circle(x + 20, y - 86, 17), ink);
      canvas.fill(stroke(x + 8, y - 46, x - 22, y - 22, 10), colour);
    });
    canvas.fill(
      polygon([120 + shift, y], [760 + shift, y - 12], [700 + shift, y + 18], [190 + shift, y + 20]),
      colour === cream ? ink : night,
    );
  };
  boat(190, 150, brick);
  canvas.fill(rect(0, 268, width, 3), cream);
  boat(400, 0, brass);
  columns(10, (i) => canvas.fill(rect((i * 131) % 900, 292 + ((i * 53) % 230), 70, 4), cream));
  return canvas;
};

const storm = (): Canvas => {
  const canvas = createCanvas(night);
  canvas.halftone(everywhere, ink, fade(0.9, 0));
  columns(7, (i) => canvas.fill(circle(90 + i * 132, 74 + ((i * 47) % 50), 84 + ((i * 29) % 30)), ink));
  columns(46, (i) => {
    const x = (i * 83) % 1000;
    const y = 150 + ((i * 61) % 230);
    canvas.fill(stroke(x, y, x - 16, y + 44, 3), foam);
  });
  canvas.fill(polygon([560, 130], [500, 268], [546, 268], [498, 396], [622, 236], [570, 236], [624, 130]), brass);
  return canvas
    .fill(
      below((x) => 400 + 34 * Math.sin(x / 62) - 18 * Math.sin(x / 23)),
      sea,
    )
    .fill(
      below((x) => 446 + 28 * Math.sin((x + 70) / 54)),
      foam,
    )
    .fill(
      below((x) => 462 + 28 * Math.sin((x + 76) / 54)),
      sea,
    )
    .halftone(
      below((x) => 462 + 28 * Math.sin((x + 76) / 54)),
      night,
      fade(-1.4, 1),
    );
};

const orchard = (): Canvas => {
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

const books = (): Canvas => {
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

const whale = (): Canvas => {
  const canvas = createCanvas(cream)
    .halftone(everywhere, foam, fade(0.7, 0))
    .fill(circle(200, 190, 80), brass);
  const lobe = (side: 1 | -1): void => {
    const at = (x: number): number => 560 + side * x;
    canvas.fill(
      polygon(
        [at(0), 250],
        [at(40), 212],
        [at(118), 150],
        [at(210), 138],
        [at(176), 190],
        [at(110), 240],
        [at(34), 290],
      ),
      night,
    );
  };
  lobe(1);
  lobe(-1);
  canvas.fill(polygon([520, 262], [600, 262], [648, 420], [472, 420]), night);
  canvas.halftone(polygon([560, 240], [600, 262], [648, 420], [560, 420]), sea, () => 0.4);
  return canvas
    .fill(swell(384, 12, 48), sea)
    .fill(
      both(
        circle(560, 402, 128),
        both(
          swell(388, 6, 20),
          below(() => 380),
        ),
      ),
      foam,
    )
    .fill(swell(412, 10, 40, 30), sea)
    .halftone(swell(412, 10, 40, 30), night, fade(-1, 0.8));
};

const scenes = { ferry, lighthouse, bell, harbour, bread, bridge, rowing, storm, orchard, books, whale };

export type Scene = keyof typeof scenes;

export const isScene = (name: string): name is Scene => Object.hasOwn(scenes, name);

const drawn = new Map<Scene, Buffer<ArrayBuffer>>();

/** A scene as PNG, drawn when it is first asked for. */
export function pictureOf(scene: Scene): Buffer<ArrayBuffer> {
  const picture = drawn.get(scene) ?? scenes[scene]().png();
  drawn.set(scene, picture);
  return picture;
}
