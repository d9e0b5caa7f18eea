import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import { createCertificate } from "./certificate.ts";
import type { Media } from "./world.ts";

const host = "web.whatsapp.com";
/** WhatsApp takes pictures up to 16 MB. */
const largestMedia = 16 * 1024 * 1024;
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

export interface PageServer {
  /** What makes Chromium find this server, and nothing else, where it looks for web.whatsapp.com. */
  browserArgs: string[];
  media(path: string): Media | null;
  close(): Promise<void>;
}

/** Serves the page, its scripts and its pictures over HTTPS, and a socket for each page that is open. */
export async function servePage(port: number, onSocket: (socket: WebSocket) => void): Promise<PageServer> {
  const { key, cert, spki } = createCertificate(host);
  const files = readPageFiles();
  const media = new Map<string, Media>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", `https://${host}`);
    const file = files.get(pathname);
    const stored = media.get(pathname);
    if (request.method === "POST" && pathname === "/upload") {
      const bytes = await readBody(request);
      if (!bytes) return reply(response, 413, "text/plain", "The picture is larger than 16 MB.");
      const added = { path: `/media/${media.size + 1}`, mimetype: request.headers["content-type"] ?? "", bytes };
      media.set(added.path, added);
      return reply(response, 200, "application/json", JSON.stringify({ path: added.path }));
    }
    if (file) return reply(response, 200, file.type, file.text);
    if (stored) return reply(response, 200, stored.mimetype, stored.bytes);
    reply(response, 404, "text/plain", "There is nothing here.");
  };

  const server = createServer({ key, cert }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ server, path: "/ws/chat", maxPayload: 4 * 1024 * 1024 });
  sockets.on("connection", onSocket);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;

  return {
    browserArgs: [
      `--host-resolver-rules=MAP ${host}:443 127.0.0.1:${taken},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1`,
      `--ignore-certificate-errors-spki-list=${spki}`,
    ],
    media: (at) => media.get(at) ?? null,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The page's own files by the path that they are asked for; the page itself at the root. */
function readPageFiles(): Map<string, { type: string; text: string }> {
  const folder = path.join(import.meta.dirname, "page");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => types[path.extname(name)]);
  return new Map(
    names.map((name) => [
      name === "index.html" ? "/" : `/page/${name.split(path.sep).join("/")}`,
      { type: `${types[path.extname(name)]}; charset=utf-8`, text: readFileSync(path.join(folder, name), "utf8") },
    ]),
  );
}

/** Null when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= largestMedia) parts.push(part);
  }
  return size <= largestMedia ? Buffer.concat(parts) : null;
}

function reply(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}
