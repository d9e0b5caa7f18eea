import assert from "node:assert/strict";
import { test } from "node:test";
import { TelegramError } from "telegraf";
import { CallLost, CallNotSent, isPictureRefused, toSendError } from "#bots/telegram/errors";
import { SendError, type SendReason } from "#core/errors";

const refusal = (
  error_code: number,
  description: string,
  parameters?: { retry_after?: number; migrate_to_chat_id?: number },
): TelegramError => new TelegramError({ error_code, description, ...(parameters ? { parameters } : {}) });

const refusals: [SendReason, TelegramError][] = [
  ["rate-limited", refusal(429, "Too Many Requests: retry after 5", { retry_after: 5 })],
  ["rate-limited", refusal(429, "Too Many Requests")],
  ["moved", refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", { migrate_to_chat_id: -1001 })],
  ["gone", refusal(403, "Forbidden: bot was blocked by the user")],
  ["gone", refusal(403, "Forbidden: user is deactivated")],
  ["gone", refusal(403, "Forbidden: bot was kicked from the supergroup chat")],
  ["gone", refusal(403, "Forbidden: bot is not a member of the channel chat")],
  ["gone", refusal(403, "Forbidden: the group chat was deleted")],
  ["gone", refusal(403, "Forbidden: bot can't initiate conversation with a user")],
  ["gone", refusal(400, "Bad Request: chat not found")],
  ["rejected", refusal(400, "Bad Request: message is too long")],
  ["rejected", refusal(400, "Bad Request: message to edit not found")],
  ["rejected", refusal(400, "Bad Request: message thread not found")],
  ["rejected", refusal(400, "Bad Request: not enough rights to send text messages to the chat")],
  ["rejected", refusal(404, "Not Found: method not found")],
  ["temporary", refusal(401, "Unauthorized")],
  ["temporary", refusal(404, "Not Found")],
  ["unknown", refusal(500, "Internal Server Error")],
  ["unknown", refusal(504, "Gateway Timeout")],
];

for (const [reason, error] of refusals) {
  test(`"${error.description}" is ${reason}`, () => {
    const sendError = toSendError(error);
    assert.equal(sendError.reason, reason);
    assert.equal(sendError.cause, error);
  });
}

test("what must be known to go on is read from the answer", () => {
  assert.equal(toSendError(refusals[0]?.[1]).retryAfterMs, 5_000);
  assert.equal(toSendError(refusals[1]?.[1]).retryAfterMs, 1_000);
  assert.equal(toSendError(refusals[2]?.[1]).movedTo, "-1001");
});

test("what never left can be sent again, what was lost cannot", () => {
  assert.equal(toSendError(new CallNotSent(new Error("ECONNREFUSED"))).reason, "temporary");
  assert.equal(toSendError(new CallLost("The connection ended.")).reason, "unknown");
  assert.equal(toSendError(new TypeError("a fault of ours")).reason, "unknown");
  const already = new SendError("rejected", "x");
  assert.equal(toSendError(already), already);
});

test("an error does not repeat the message that it is about", () => {
  const error = toSendError(
    refusal(400, 'Bad Request: can\'t parse entities: Unsupported start tag "secret" at byte offset 3'),
  );
  assert.doesNotMatch(error.message, /secret/);
  assert.match(error.message, /can't parse entities/);
});

test("a refused picture is told from a refused message", () => {
  for (const words of [
    "wrong type of the web page content",
    "failed to get HTTP URL content",
    "wrong file identifier/HTTP URL specified",
    "PHOTO_INVALID_DIMENSIONS",
    "not enough rights to send photos to the chat",
  ]) {
    assert.ok(isPictureRefused(refusal(400, `Bad Request: ${words}`)), words);
  }
  for (const words of ["chat not found", "message thread not found", "message caption is too long"]) {
    assert.ok(!isPictureRefused(refusal(400, `Bad Request: ${words}`)), words);
  }
  assert.ok(!isPictureRefused(refusal(403, "Forbidden: bot was blocked by the user")));
  assert.ok(!isPictureRefused(new CallLost("x")));
});
