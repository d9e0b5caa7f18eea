import path from "node:path";

/** Primary result codes of SQLite that a person can do something about: https://www.sqlite.org/rescode.html */
const [busy, locked, readOnly, ioError, corrupt, full, cannotOpen, notADatabase] = [5, 6, 8, 10, 11, 13, 14, 26];

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

/** SQLite's extended result code; 0 for another error. */
const resultOf = (error: unknown): number => (error instanceof Error && "errcode" in error ? Number(error.errcode) : 0);

/** Another connection holds what is asked for. */
export const isBusy = (error: unknown): boolean => [busy, locked].includes(resultOf(error) & 0xff);

/** Why a database file cannot be opened, and what to do about it. */
export function explainOpening(file: string, error: unknown): string {
  const code = codeOf(error);
  const result = resultOf(error) & 0xff;
  const folder = path.dirname(file);
  if (["EACCES", "EPERM", "EROFS"].includes(code) || result === readOnly || result === cannotOpen) {
    return `Crier may not write to ${file}. Give its user the right to write in ${folder}, or set DATA_DIR to another folder.`;
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return `DATA_DIR (${folder}) is not a folder. Set it to one, or to a path where one can be made.`;
  }
  if (code === "ENOSPC" || result === full) return `The disk that holds ${folder} is full. Make room, and start again.`;
  if (result === notADatabase || result === corrupt) {
    return `${file} is damaged or is no database of Crier's. Move it away, then begin anew or bring a backup back with “crier restore”.`;
  }
  if (isBusy(error)) return `${file} is in use by another process. Stop that one first.`;
  return `The database ${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`;
}

/** An error of a statement in words, where a person can mend its cause while Crier goes on; any other as it is. */
export function explainStatement(file: string, error: unknown): unknown {
  const result = resultOf(error);
  const folder = path.dirname(file);
  const say = (text: string): Error => Object.assign(new Error(text, { cause: error }), { errcode: result });
  switch (result & 0xff) {
    case full:
      return say(`The disk that holds ${folder} is full. Make room: Crier tries again and goes on by itself.`);
    case readOnly:
      return say(
        `${file} can be read but not written. Give Crier's user the right to write in ${folder}, or mount its disk for writing: Crier tries again by itself.`,
      );
    case ioError:
      return say(
        `The disk that holds ${folder} does not do as it is asked (SQLite's error ${result}). See whether it is full, at its quota or failing: Crier tries again by itself.`,
      );
    case corrupt:
    case notADatabase:
      return say(`${file} is damaged. Stop Crier, move the file away and bring a backup back with “crier restore”.`);
    case busy:
    case locked:
      return say(`${file} was held by another process for too long. Crier tries again by itself.`);
    default:
      return error;
  }
}
