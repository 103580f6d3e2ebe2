/**
 * A command that is not valid: a value out of range, or options that exclude each other. The exit code is 2, as for the
 * parser's own errors.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  /**
   * @param message - names the option and the values that it may have
   * @param hint - one sentence that says what to do
   */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
