import type { Hono } from "hono";
import type { FeedId } from "#core/model";
import { readBody } from "./read-body.ts";

interface Push {
  feedId: FeedId;
  content: { bytes: Uint8Array; contentType: string | null } | null;
}

interface WebSubDeps {
  subscriber: {
    verify(token: string, query: Readonly<Record<string, string>>): Promise<{ status: 200 | 404; body: string }>;
    receive(
      token: string,
      headers: Readonly<Record<string, string>>,
      read: () => Promise<Uint8Array | null>,
    ): Promise<{ status: 202 | 410 | 413; push?: Push }>;
  };
  /** Takes in what a hub sent, or reads the feed at once where there is no content. The hub is answered meanwhile. */
  onPush(push: Push): void;
}

/** As much as is read of a feed. */
const mostBytes = 10 * 1024 * 1024;

/** `/websub/TOKEN`, where hubs ask (GET) and deliver (POST). */
export const webSubRoutes =
  ({ subscriber, onPush }: WebSubDeps) =>
  (app: Hono): void => {
    app.all("/websub/:token{[\\w-]{1,64}}", async (context) => {
      const { req } = context;
      const token = req.param("token");
      if (req.method === "GET") {
        const { status, body } = await subscriber.verify(token, req.query());
        return context.text(body, status);
      }
      if (req.method === "POST") {
        const { status, push } = await subscriber.receive(token, req.header(), () => readBody(req.raw, mostBytes));
        if (push) onPush(push);
        return context.body(null, status);
      }
      return context.text("A WebSub hub asks here with GET and delivers with POST.", 405, { allow: "GET, POST" });
    });
  };
