import { describe, expect, it } from 'vitest';
import { explainFailure, FailureWithIds } from '../../src/cli/failure.ts';
import { commandHint } from '../../src/cli/hints.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { RemedySchema, UnravelError } from '../../src/contract/errors.ts';

const calm = new AbortController().signal;
const commands = buildProgram(process, () => Promise.resolve()).commands;
const names = commands.map((command) => command.name());
const options = commands.flatMap((command) => command.options.map(({ long }) => long));

describe('the hint of the command line', () => {
  it('is the error’s own, where there is no remedy', () => {
    expect(commandHint({ hint: 'Free some space.' })).toBe('Free some space.');
    expect(commandHint({})).toBeUndefined();
  });

  it.each(RemedySchema.options.filter((remedy) => remedy !== 'report'))(
    'about %s names an option, a command or a script that there is',
    (remedy) => {
      const hint = commandHint({ hint: 'In other words.', remedy })!;
      const flags = hint.match(/--[a-z-]+/g) ?? [];
      const ours = [...hint.matchAll(/unravel ([a-z-]+)/g)].map(([, name]) => name!);
      const scripts = hint.match(/npm run [a-z]+/g) ?? [];
      expect(flags.length + ours.length + scripts.length).toBeGreaterThan(0);
      expect(options).toEqual(expect.arrayContaining(flags));
      expect(names).toEqual(expect.arrayContaining(ours));
    },
  );

  it('is part of a failure, also of one that can be resumed', () => {
    const error = new UnravelError('diverged', 'Training diverged at step 3.', {
      hint: 'Use a smaller learning rate or smaller weights.',
      remedy: 'gentler-training',
    });
    const hint = 'Use a smaller learning rate (--lr) or smaller weights (--beta).';
    expect(explainFailure(error, calm)).toMatchObject({ code: 'diverged', hint });
    expect(explainFailure(new FailureWithIds(error, { run: 'r-1' }), calm)).toMatchObject({
      hint,
      ids: { run: 'r-1' },
    });
  });
});
