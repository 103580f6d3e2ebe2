import { Decoder } from './decoder.ts';
import type { FromWorker, ToWorker } from './messages.ts';

// Decodes beside the page, so that a slider never waits for a picture.

let decoder: Decoder | undefined;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'model') {
    decoder = new Decoder(data.shape, data.weights);
    return;
  }
  const { id, z, condition } = data;
  try {
    if (!decoder) throw new Error('The model is not there yet.');
    const image = decoder.decode(z, condition);
    postMessage({ id, image } satisfies FromWorker, { transfer: [image.buffer] });
  } catch (error) {
    postMessage({ id, failure: error instanceof Error ? error.message : String(error) } satisfies FromWorker);
  }
});
