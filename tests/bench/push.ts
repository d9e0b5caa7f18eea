/** From "publish now" to the call to Telegram: articles that a newsroom's own system hands in, one after the other, to Crier as its own process. */
import { startTelegramSimulator } from "#src/sandbox/telegram/index";
import { createPlace, until } from "../journeys/crier.ts";
import { median, show } from "./figures.ts";

const articles = 60;
/** Between two articles: one chat takes a message a second. */
const pauseMs = 1_100;
const secret = "an-own-system's-secret-0123456789";
const patienceMs = 30_000;

const telegram = await startTelegramSimulator();
const reader = telegram.addPerson({ name: "Reader", started: true }).id;
const place = await createPlace();
const crier = place.run(["start"], {
  TELEGRAM_BOT_TOKEN: telegram.token,
  TELEGRAM_API_ROOT: telegram.apiRoot,
  TELEGRAM_CHATS: reader,
  HOOK_SECRET: secret,
  LOG_LEVEL: "silent",
  PORT: "0",
});
await until("Crier runs", () => crier.said().includes("/healthz"), patienceMs);
const pages = /(http:\/\/[\d.]+:\d+)\/healthz/.exec(crier.said())?.[1] ?? "";

const delays: number[] = [];
for (let number = 0; number <= articles; number += 1) {
  const title = `Story ${number} of the harbour`;
  const sentAt = Date.now();
  const answer = await fetch(`${pages}/hooks/articles`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
    body: JSON.stringify({
      id: String(number),
      title,
      url: `https://bell.example/${number}`,
      summary: `Number ${number}.`,
    }),
  });
  if (answer.status !== 202) throw new Error(`The article was answered with ${answer.status}.`);
  const arrived = () => telegram.ledger().find(({ text }) => text.includes(title));
  await until(`article ${number} arrives`, () => arrived() !== undefined, patienceMs);
  // The first one loads what the others use.
  if (number > 0) delays.push((arrived()?.at ?? Number.NaN) - sentAt);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
const p95 = delays.sort((a, b) => a - b)[Math.ceil(delays.length * 0.95) - 1] ?? Number.NaN;
show("pushed article to Telegram call", `${median(delays)} ms median, ${p95} ms p95`, "p95 at most 250 ms");

await crier.end("SIGTERM");
await place.remove();
await telegram.stop();
