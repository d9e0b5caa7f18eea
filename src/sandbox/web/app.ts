import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { actions, Refusal } from "./actions.ts";
import { createAssets } from "./assets.ts";
import type { PageDeps } from "./deps.ts";
import { guard } from "./guard.ts";
import { tellLive } from "./live.ts";
import { pageView, problemView } from "./page.ts";
import { linkTo, readVisit } from "./visit.ts";

/** The sandbox's page at /sandbox: server-rendered, live by server-sent events, usable without the script. */
export function createSandboxPage(deps: PageDeps): Hono {
  const app = new Hono();
  const boot = randomUUID();
  app.use(guard(deps.host));
  app.onError((err, context) => {
    deps.log.error({ err }, "the sandbox's page failed");
    return context.text("The sandbox's page failed; its log says why. Load the page again.", 500);
  });
  app.get("/", (context) => context.redirect("/sandbox"));
  app.get("/favicon.ico", (context) => context.redirect("/sandbox/bell.svg"));
  app.get("/sandbox", async (context) => {
    const [lines, subscribed] = await Promise.all([deps.ledger(), deps.subscribed?.() ?? null]);
    const visit = readVisit(new URL(context.req.url).searchParams);
    context.header("cache-control", "no-store");
    return context.html(pageView(deps, visit, { lines, subscribed, boot }));
  });
  app.get("/sandbox/live", (context) => streamSSE(context, (stream) => tellLive(stream, deps, boot)));
  app.get("/sandbox/pictures/:platform/:chat/:id", (context) => picture(context, deps));
  app.route("/sandbox", createAssets());
  // The newspaper's own pages under this address too, which is the one that a visitor's browser is sure to reach.
  app.get("/articles/*", (context) => deps.newsroom.fetch(context.req.raw));
  app.get("/pictures/*", (context) => deps.newsroom.fetch(context.req.raw));
  app.post("/sandbox/:action", bodyLimit({ maxSize: 64 * 1024 }), async (context) => {
    const name = context.req.param("action");
    const act = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!act) return context.notFound();
    const wantsJson = context.req.header("accept")?.includes("application/json") ?? false;
    const back = linkTo(
      readVisit(URL.parse(context.req.header("referer") ?? "")?.searchParams ?? new URLSearchParams()),
    );
    try {
      const note = act(deps, await context.req.parseBody());
      return wantsJson ? context.json({ note }) : context.redirect(back, 303);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return wantsJson
        ? context.json({ note: error.message }, 400)
        : context.html(problemView(error.message, back), 400);
    }
  });
  return app;
}

/** Pictures of an uploaded message, or of one that named the newsroom's; no others are fetched for a visitor. */
async function picture(context: Context, { phones, newsroom }: PageDeps): Promise<Response> {
  const phone = context.req.param("platform") === "whatsapp" ? phones.whatsapp : phones.telegram;
  const message = phone?.messages(context.req.param("chat") ?? "").find(({ id }) => id === context.req.param("id"));
  const source = message?.picture ?? "";
  const [, type, data] = /^data:(image\/(?:png|jpeg|webp|gif));base64,([\s\S]+)$/.exec(source) ?? [];
  if (type && data)
    return context.body(Buffer.from(data, "base64"), 200, { "content-type": type, "cache-control": "no-cache" });
  if (URL.parse(source)?.origin === newsroom.origin) return newsroom.fetch(new Request(source));
  return context.notFound();
}
