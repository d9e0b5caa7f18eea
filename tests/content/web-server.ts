import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface WebServer {
  /** "http://127.0.0.1:PORT" */
  url: string;
  port: number;
  /** What was asked for so far. */
  requests: IncomingMessage[];
  /** Answers from now on. */
  answer(handler: Handler): void;
  /** Sockets that are open to it now. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on loopback, for one test. */
export async function openWebServer(
  first: Handler = (_, response) => response.writeHead(404).end(),
): Promise<WebServer> {
  let handler = first;
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    answer(next) {
      handler = next;
    },
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
