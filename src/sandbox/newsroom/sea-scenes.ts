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
  stroke,
  width,
} from "./canvas.ts";
import { brass, brick, columns, cream, dusk, fade, foam, ink, night, paper, sea, swell } from "./palette.ts";

/** Pictures of the water, drawn by code. */

export const ferry = (): Canvas => {
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

export const lighthouse = (): Canvas => {
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

export const rowing = (): Canvas => {
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

export const storm = (): Canvas => {
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

export const whale = (): Canvas => {
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
