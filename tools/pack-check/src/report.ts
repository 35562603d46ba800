/** One line per check, and how many there were. */

/** What a check found wrong; nothing: it passed. */
export type Problems = readonly string[];

/** A check that failed. */
export interface Failure {
  readonly name: string;
  readonly problems: Problems;
}

/** Collects the results of checks that run side by side. */
export class Report {
  /** What failed so far. */
  readonly failures: Failure[] = [];
  #passed = 0;
  #skipped = 0;
  readonly #mayMiss: boolean;
  readonly #print: (line: string) => void;

  /** @param mayMiss - Whether what this machine could have may be missing. */
  constructor(mayMiss: boolean, print: (line: string) => void = (line) => console.log(line)) {
    this.#mayMiss = mayMiss;
    this.#print = print;
  }

  /**
   * Says that something was not tried, and why.
   *
   * @param obtainable - Whether this machine could have it: a failure, unless that was allowed.
   */
  skip(name: string, reason: string, obtainable: boolean): void {
    const allowed = !obtainable || this.#mayMiss;
    if (allowed) this.#skipped++;
    else this.failures.push({ name, problems: [reason] });
    this.#print(`${allowed ? 'skip' : 'FAIL'}  ${name}: ${reason}`);
  }

  /**
   * Runs a check and prints its line.
   *
   * @param run - Returns what is wrong. Throwing is a failure, too.
   * @returns Whether it passed: what builds on it need not be tried otherwise.
   */
  async check(name: string, run: () => Problems | Promise<Problems>): Promise<boolean> {
    const started = performance.now();
    let problems: Problems;
    try {
      problems = await run();
    } catch (error) {
      problems = [error instanceof Error ? error.message : String(error)];
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const passed = problems.length === 0;
    if (passed) this.#passed++;
    else this.failures.push({ name, problems });
    const details = problems.map((problem) => `\n      ${problem.trimEnd().replaceAll('\n', '\n      ')}`);
    this.#print(`${passed ? 'ok  ' : 'FAIL'}  ${name}  (${seconds} s)${details.join('')}`);
    return passed;
  }

  /** Prints the last lines and returns the exit code. A run without any check is no success. */
  finish(): number {
    if (this.#skipped > 0) this.#print(`${this.#skipped} skipped: see the lines above`);
    this.#print(`${this.#passed} passed, ${this.failures.length} failed`);
    return this.failures.length === 0 && this.#passed > 0 ? 0 : 1;
  }
}

/** Runs tasks side by side, at most `limit` at a time. All are tried; then the first error is thrown. */
export async function inParallel(limit: number, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  const queue = tasks.values();
  const worker = async (): Promise<void> => {
    for (const task of queue) await task().catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (errors.length > 0) throw errors[0];
}
