import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface StubCall {
  method: string;
  path: string;
  /** JSON, or a form's fields; files as Blobs. */
  fields: Record<string, unknown>;
  request: IncomingMessage;
  response: ServerResponse;
  /** Answers as the Bot API does. */
  ok(result: unknown): void;
  refuse(code: number, description: string, parameters?: object): void;
}

export interface StubApi {
  root: string;
  calls: StubCall[];
  /** Most sockets that were open at once. */
  mostSockets(): number;
  /** Resolves when `count` calls have come. */
  reached(count: number): Promise<void>;
}

/** The other end of a bot's wire, at its plainest: each call is handed to `answer`. Closed when the test ends. */
export async function stubApi(t: TestContext, answer: (call: StubCall) => void): Promise<StubApi> {
  const calls: StubCall[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  let open = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const send = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const path = request.url ?? "";
    const call: StubCall = {
      method: path.split("/").at(-1) ?? "",
      path,
      fields: await fieldsOf(request, Buffer.concat(chunks)),
      request,
      response,
      ok: (result) => send(200, { ok: true, result }),
      refuse: (code, description, parameters) =>
        send(code, { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) }),
    };
    calls.push(call);
    answer(call);
    for (const one of waiting) if (calls.length >= one.count) one.resolve();
  });
  server.on("connection", (socket) => {
    open += 1;
    most = Math.max(most, open);
    socket
      .on("error", () => {})
      .on("close", () => {
        open -= 1;
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    root: `http://127.0.0.1:${port}`,
    calls,
    mostSockets: () => most,
    reached: (count) =>
      new Promise((resolve) => {
        if (calls.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

async function fieldsOf(request: IncomingMessage, body: Buffer): Promise<Record<string, unknown>> {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/")) return body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  return Object.fromEntries(form.entries());
}
