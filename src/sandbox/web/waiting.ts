import { Hono } from "hono";
import { raw } from "hono/html";
import { createAssets } from "./assets.ts";
import { guard } from "./guard.ts";
import { html } from "./html.ts";

/** Stands in for the page while Crier starts, and asks again every second. */
export function createWaitingPage(host: string): Hono {
  const app = new Hono();
  app.use(guard(host));
  app.route("/sandbox", createAssets());
  app.all("*", (context) => context.html(waitingView(), 503, { "retry-after": "1" }));
  return app;
}

const waitingView = () => html`${raw("<!doctype html>")}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="1"><title>Crier’s sandbox</title><link rel="stylesheet" href="/sandbox/page.css"></head>
<body><main class="problem"><p>Crier is starting. This page follows in a moment.</p></main></body></html>`;
