import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { textsOf } from '../../scripts/docs/texts.mjs';
import { textsDocument } from '../../scripts/texts.mjs';

const component = (source: string): string[] => textsOf(source, { isComponent: true });

describe('the texts of a component', () => {
  it('are its sentences, across tags that stand inside them, with … for a value', () => {
    expect(component('<p>{count} images are <b>held out</b> for {purpose}.</p><h3>Run</h3>')).toEqual([
      '… images are held out for ….',
      'Run',
    ]);
  });

  it('are its labels and titles, and not its classes, events and names of the code', () => {
    const source = `<button class="large" title="removes" aria-label="Remove {name}" onclick={() => go('to the end')}>
      {kind === 'gpu' ? 'graphics card' : 'processor'}
    </button>`;
    expect(component(source)).toEqual(['removes', 'Remove …', 'graphics card', 'processor']);
  });

  it('are the words in its code, and not imports, types and faults of the program', () => {
    const source = `<script lang="ts">
      import { a } from './some file.ts';
      const kind: 'one kind' | 'another kind' = a;
      const words = \`Trained for \${hours} hours\`;
      if (!kind) throw new Error('There is no kind.');
    </script>`;
    expect(component(source)).toEqual(['Trained for … hours']);
  });
});

it('lists all texts of the window in docs/texts.md (npm run texts writes it)', async () => {
  expect(await readFile('docs/texts.md', 'utf8')).toBe(await textsDocument());
});
