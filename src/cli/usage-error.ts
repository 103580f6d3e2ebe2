/**
 * Something in the command that cannot be carried out as written: a value out of range, an option that does not
 * go with another. Ends with exit code 2, as the parser's own complaints do.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  /**
   * @param message - names the option and says what it may be
   * @param hint - one sentence that says what to do
   */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
