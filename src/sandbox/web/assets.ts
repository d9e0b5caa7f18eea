import { readFile } from "node:fs/promises";
import { Hono } from "hono";

const own = (name: string): URL => new URL(`./assets/${name}`, import.meta.url);
const font = (file: string): URL => new URL(file);

/** Everything that the page loads, by the name under /sandbox. */
const assets: Readonly<Record<string, { type: string; file: URL }>> = {
  "page.css": { type: "text/css; charset=utf-8", file: own("page.css") },
  "phones.css": { type: "text/css; charset=utf-8", file: own("phones.css") },
  "client.js": { type: "text/javascript; charset=utf-8", file: own("client.js") },
  "bell.svg": { type: "image/svg+xml", file: own("bell.svg") },
  "doodles.svg": { type: "image/svg+xml", file: own("doodles.svg") },
  "serif-400.woff2": {
    type: "font/woff2",
    file: font(import.meta.resolve("@fontsource/source-serif-4/files/source-serif-4-latin-400-normal.woff2")),
  },
  "serif-600.woff2": {
    type: "font/woff2",
    file: font(import.meta.resolve("@fontsource/source-serif-4/files/source-serif-4-latin-600-normal.woff2")),
  },
  "serif-700.woff2": {
    type: "font/woff2",
    file: font(import.meta.resolve("@fontsource/source-serif-4/files/source-serif-4-latin-700-normal.woff2")),
  },
};

export function createAssets(): Hono {
  const app = new Hono();
  for (const [name, { type, file }] of Object.entries(assets)) {
    app.get(`/${name}`, async (context) =>
      context.body(await readFile(file), 200, {
        "content-type": type,
        "cache-control": type.startsWith("font/") ? "max-age=86400" : "no-cache",
      }),
    );
  }
  return app;
}
