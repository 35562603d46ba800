/** An error for the person at the keyboard: what is wrong, and what to do. Printed without a stack. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /**
   * @param message - What is wrong.
   * @param hint - What to do about it.
   */
  constructor(message: string, hint?: string) {
    super(hint === undefined ? message : `${message}\n  ${hint}`);
  }
}
