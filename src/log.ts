import { type Logger, pino } from "pino";

/** Names of fields that never reach a log, wherever they stand. Phone numbers and messages' texts are never passed to it. */
const secretFields = ["token", "password", "databaseUrl", "qr"];

/** JSON lines on standard error, so that standard output stays free for what people asked for. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: "[hidden]" },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** What an operator needs of an error. Libraries hang whole requests on theirs, with message texts and tokens: none of that passes. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = "code" in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}
