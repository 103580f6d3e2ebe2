import { describe, expect, it } from 'vitest';
import { createClient } from '../../../../../src/contract/client.ts';
import type { Inspection } from '../../../../../src/contract/operations/sources.ts';
import { portPair } from '../../../../../src/contract/port.ts';
import { serve } from '../../../../../src/contract/serve.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { DropState } from '../../../../../src/renderer/views/data/state/drop.svelte.ts';
import { settled } from '../../../small-app.ts';

const source = { source: 'source-0123456789abcdef', name: 'faces.zip' };
const SHADES = { auto: 10, celeba: 20, square: 30, none: 40 };

interface Asked {
  readonly crop: keyof typeof SHADES;
  readonly seed: number;
}

/** Two images whose shade tells crop and seed. */
function inspecting(facts: Partial<Inspection> = {}, colour = 0, imageSize = 64) {
  const asked: Asked[] = [];
  const [near, far] = portPair();
  serve(far, {
    'sources.inspect': ({ crop, seed }: Asked) => {
      asked.push({ crop, seed });
      const data = new Uint8Array(2 * imageSize * imageSize * 3).fill(SHADES[crop] + seed);
      data[0]! += colour;
      return {
        images: 11_001,
        folders: [],
        previews: tensor('u8', [2, imageSize, imageSize, 3], data),
        previewNames: ['a.jpg', 'b.jpg'],
        unreadable: [],
        examined: 64,
        celebaShaped: false,
        ...facts,
      };
    },
  });
  return { client: createClient(near), asked };
}

describe('DropState', () => {
  it('chooses the crop that fits, and shows the same images under the others', async () => {
    const { client, asked } = inspecting({ celebaShaped: true });
    const drop = new DropState(client, source);
    expect(drop.name).toBe('faces');
    await settled();
    expect(drop.crop).toBe('celeba');
    expect(drop.faces[0]!.data[0]).toBe(SHADES.auto);
    expect(drop.exampleOf('square')!.data[0]).toBe(SHADES.square);
    expect(drop.exampleOf('none')!.data[0]).toBe(SHADES.none);
    expect(asked.map(({ crop }) => crop)).toEqual(['auto', 'square', 'none']);
  });

  it('does not offer CelebA’s crop to other shapes', async () => {
    const { client, asked } = inspecting();
    const drop = new DropState(client, source);
    await settled();
    expect(drop.crop).toBe('square');
    expect(drop.canUse('celeba')).toBe(false);
    expect(drop.crops).toEqual(['square', 'none', 'celeba']);
    expect(asked.map(({ crop }) => crop)).toEqual(['auto', 'none']);
  });

  it('draws others under the chosen crop first, and keeps the old ones until they come', async () => {
    const { client, asked } = inspecting();
    const drop = new DropState(client, source);
    await settled();
    drop.drawOthers();
    expect(drop.isDrawing).toBe(true);
    expect(drop.faces).toHaveLength(2);
    expect(drop.isLate).toBe(true);
    await settled();
    expect(drop.isLate).toBe(false);
    expect(drop.isDrawing).toBe(false);
    expect(drop.faces[0]!.data[0]).toBe(SHADES.square + 1);
    expect(asked.slice(2)).toEqual([
      { crop: 'square', seed: 1 },
      { crop: 'none', seed: 1 },
    ]);
  });

  it('says how large grey and coloured images become', async () => {
    const grey = new DropState(inspecting().client, source);
    const coloured = new DropState(inspecting({}, 1).client, source);
    await settled();
    expect(grey.isGrey).toBe(true);
    expect(grey.bytes).toBe(11_001 * 4096);
    expect(coloured.isGrey).toBe(false);
    expect(coloured.bytes).toBe(11_001 * 4096 * 3);
  });

  it('takes the size of the images from their previews', async () => {
    const drop = new DropState(inspecting({}, 1, 128).client, source);
    expect(drop.imageSize).toBeUndefined();
    await settled();
    expect(drop.imageSize).toBe(128);
    expect(drop.bytes).toBe(11_001 * 128 * 128 * 3);
  });

  it('keeps the sentence of what went wrong', async () => {
    const [near, far] = portPair();
    serve(far, {});
    const drop = new DropState(createClient(near), source);
    await settled();
    expect(drop.error?.code).toBe('unsupported');
    expect(drop.faces).toEqual([]);
  });
});
