/** Asked wrongly: the command ends with code 2 and says how it is asked. */
export class Misuse extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Misuse";
  }
}

/** A failure that a person can do something about: the command ends with code 1. */
export class Failure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Failure";
  }
}

/** What `work` answers; its error is a misuse, told with what it is about. */
export function orMisuse<T>(about: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Misuse(`${about}${error instanceof Error ? error.message : String(error)}`);
  }
}
