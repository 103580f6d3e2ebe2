import { describe, expect, it } from 'vitest';
import { createClient } from '../../../../../src/contract/client.ts';
import { UnravelError } from '../../../../../src/contract/errors.ts';
import type { FoundCodes } from '../../../../../src/contract/operations/sources.ts';
import { portPair } from '../../../../../src/contract/port.ts';
import { serve } from '../../../../../src/contract/serve.ts';
import { CodesDropState } from '../../../../../src/renderer/views/data/state/codes-drop.svelte.ts';
import { aDataset } from '../../../../fixtures/infos.ts';

const source = { source: 'source-0123456789abcdef', name: 'latents.csv' };
const folder = { source: 'source-fedcba9876543210', name: 'photos' };

function codesOf(key: string): FoundCodes {
  return {
    ...{ rows: 60, latentDim: 6, hasVariance: false, key, keys: ['a', 'b'] },
    ...{ columns: [], notes: [] },
  };
}

function dropped(): CodesDropState {
  const [near, far] = portPair();
  serve(far, {
    'sources.codes': ({ key = 'a' }) => {
      if (key === 'broken') throw new UnravelError('bad-input', 'It is not finite.');
      return codesOf(key);
    },
  });
  return new CodesDropState(createClient(near), { source, found: codesOf('a') });
}

describe('CodesDropState', () => {
  it('imports points, until images are chosen', () => {
    const drop = dropped();
    const common = { kind: 'import-codes', source: source.source, name: 'latents', key: 'a' };
    expect(drop.request).toEqual(common);
    drop.images = 'faces-1';
    expect(drop.request).toEqual({ ...common, images: { kind: 'dataset', dataset: 'faces-1' } });
    drop.useFolder(folder);
    expect(drop.request).toEqual({ ...common, images: { kind: 'source', source: folder.source } });
  });

  it('offers the data sets with images, first those that have as many as there are codes', () => {
    const datasets = [
      aDataset({ id: 'many', images: 8000 }),
      aDataset({ id: 'none', images: 60, kind: 'points' }),
      aDataset({ id: 'same', images: 60 }),
    ];
    expect(
      dropped()
        .candidates(datasets)
        .map(({ id }) => id),
    ).toEqual(['same', 'many']);
  });

  it('reads other codes of the file, and says why it cannot', async () => {
    const drop = dropped();
    const reading = drop.chooseKey('b');
    expect(drop.canImport).toBe(false);
    await reading;
    expect(drop.found.key).toBe('b');
    expect(drop.canImport).toBe(true);
    await drop.chooseKey('broken');
    expect(drop.error?.message).toBe('It is not finite.');
    expect(drop.found.key).toBe('b');
    drop.name = ' ';
    expect(drop.canImport).toBe(false);
  });
});
