import { createHttp, type HttpGet } from "#content/shared/http";
import type { ContentAdapter } from "#core/ports";
import type { Scene } from "#tests/contract/content-adapter";
import { openWebServer } from "./web-server.ts";

type Scenes = { [K in Scene["kind"]]: (scene: Extract<Scene, { kind: K }>) => void };
type WebServer = Awaited<ReturnType<typeof openWebServer>>;

/** A source on the web that answers one document at one path. */
export interface WebSource {
  create(http: HttpGet): ContentAdapter;
  /** Where the document stands: "/feed". */
  path: string;
  document(titles: string[]): string;
  /** Of the whole document, and of "it is as it was". */
  headers?: Record<string, string>;
  unchangedHeaders?: Record<string, string>;
  pauseMs?: number;
}

/** The stage of an adapter that reads one document: every scene of the contract over a real server. */
export const openWebStage = ({ create, path, document, headers = {}, unchangedHeaders = {}, pauseMs = 0 }: WebSource) =>
  openScenes({ create, path, pauseMs }, (server) => ({
    articles: ({ titles }) =>
      server.answer((_, response) => response.writeHead(200, { etag: '"v1"', ...headers }).end(document(titles))),
    unchanged: () =>
      server.answer((request, response) => {
        if (request.headers["if-none-match"] === '"v1"') response.writeHead(304, unchangedHeaders).end();
        else response.end(document(["Read anew"]));
      }),
    moved: ({ titles }) =>
      server.answer((request, response) => {
        if (request.url === path) response.writeHead(301, { location: `/new${path}` }).end();
        else response.end(document(titles));
      }),
  }));

/** A stage whose source plays the scenes of its own; those that any web server plays alike are added. */
export async function openScenes(
  { create, path, pauseMs = 0 }: Pick<WebSource, "create" | "path" | "pauseMs">,
  own: (server: WebServer) => Pick<Scenes, "articles" | "unchanged" | "moved">,
) {
  const server = await openWebServer();
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"], timeoutMs: 5000, pauseMs });
  const scenes: Scenes = {
    ...own(server),
    gone: () => server.answer((_, response) => response.writeHead(410).end()),
    status: ({ status, retryAfterSeconds }) =>
      server.answer((_, response) =>
        response
          .writeHead(status, retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : {})
          .end("trouble"),
      ),
    nonsense: () => server.answer((_, response) => response.end("<!doctype html><html><body>Welcome</body></html>")),
    silent: () => server.answer(() => {}),
  };
  return {
    adapter: create(http),
    server,
    url: `${server.url}${path}`,
    play<K extends Scene["kind"]>(scene: Extract<Scene, { kind: K }>) {
      scenes[scene.kind as K](scene);
    },
    async close() {
      await http.close();
      await server.close();
    },
  };
}
