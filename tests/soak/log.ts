import { UnravelError } from '../../src/contract/errors.ts';

/**
 * What a soak has seen: how often each thing was done, how it was refused, and what must not happen. A refusal in
 * words is fine, since clients ask for the impossible all the time; a fault of the program is not.
 */
export class SoakLog {
  readonly #done = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  readonly faults: string[] = [];
  /** How often the soak itself has killed an engine process. */
  engineKills = 0;

  did(what: string): void {
    this.#done.set(what, (this.#done.get(what) ?? 0) + 1);
  }

  /**
   * Takes note of what a request threw.
   *
   * @param killsBefore - {@link engineKills} when it was asked: an engine that was killed twice since may say so
   */
  refused(what: string, error: unknown, killsBefore: number): void {
    const key = error instanceof UnravelError ? `${what}: ${error.code}` : what;
    this.#refused.set(key, (this.#refused.get(key) ?? 0) + 1);
    if (!(error instanceof UnravelError)) this.fault(`${what} threw ${String(error)}`);
    else if (this.engineKills - killsBefore >= 2 && error.message.includes('ended twice')) return;
    else if (error.code === 'internal' || error.code === 'native')
      this.fault(`${what} was answered with a fault of the program: ${error.message}`);
  }

  fault(what: string): void {
    this.faults.push(what);
    process.stderr.write(`FAULT ${what}\n`);
  }

  summary(): string {
    const lines = (counts: Map<string, number>): string =>
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([what, n]) => `  ${n} × ${what}`)
        .join('\n');
    return `Done:\n${lines(this.#done)}\nRefused in words:\n${lines(this.#refused)}`;
  }
}
