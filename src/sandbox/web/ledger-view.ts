import type { LedgerLine } from "./deps.ts";
import { type Html, html, keyed, nothing } from "./html.ts";

const platformNames: Readonly<Record<string, string>> = { telegram: "Telegram", whatsapp: "WhatsApp" };
const knownStates = new Set(["pending", "sending", "sent", "failed", "skipped", "unknown", "recalled"]);

/** Every delivery of the outbox, newest first. */
export const ledgerView = (
  lines: readonly LedgerLine[],
): Html => html`<section class="ledger" id="ledger" aria-labelledby="ledger-title">
<div class="label"><h2 id="ledger-title">Deliveries</h2><p>each copy of a message to one chat, as Crier’s outbox keeps it</p></div>
<div class="lines" tabindex="0"><table><thead><tr><th scope="col">Message</th><th scope="col">Chat</th><th scope="col">State</th><th scope="col" class="number">Delay</th></tr></thead>
<tbody data-region="ledger">${linesView(lines)}</tbody></table>
<p class="empty">Nothing was sent yet. Publish an article, and its deliveries appear here.</p></div>
</section>`;

export const linesView = (lines: readonly LedgerLine[]): Html[] => lines.map(lineView);

const lineView = (line: LedgerLine): Html =>
  keyed(
    "tr",
    String(line.id),
    knownStates.has(line.state) ? line.state : "",
    html`<td class="serif" dir="auto">${line.title}</td><td><bdi>${line.chat}</bdi> <span class="soft">${platformNames[line.platform] ?? line.platform}</span></td><td><span class="state">${line.state}</span>${
      line.reason ? html` <span class="soft">${line.reason}</span>` : nothing
    }</td><td class="number">${delayOf(line)}</td>`,
  );

function delayOf({ delayMs }: LedgerLine): string {
  if (delayMs === null) return "";
  if (delayMs < 1000) return `${Math.round(delayMs)} ms`;
  return delayMs < 59_950 ? `${(delayMs / 1000).toFixed(1)} s` : `${Math.round(delayMs / 60_000)} min`;
}
