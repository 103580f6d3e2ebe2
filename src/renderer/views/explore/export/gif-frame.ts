import type { Preview } from '../../../../contract/operations/models.ts';

/** Writes one frame of a GIF as RGBA: each byte is a colour of the palette. */
export function writeFrame(
  { palette, frames, width, height }: Preview,
  frame: number,
  into: Uint8ClampedArray,
): void {
  const size = width * height;
  const colours = palette.data;
  for (let i = 0; i < size; i++) {
    const colour = frames.data[frame * size + i]! * 3;
    into[i * 4] = colours[colour]!;
    into[i * 4 + 1] = colours[colour + 1]!;
    into[i * 4 + 2] = colours[colour + 2]!;
    into[i * 4 + 3] = 255;
  }
}

/** Paints one frame of a GIF onto a canvas of its size. */
export function paintFrame(canvas: HTMLCanvasElement, preview: Preview, frame: number): void {
  const { width, height } = preview;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (!context || frame >= preview.delaysMs.length) return;
  const pixels = context.createImageData(width, height);
  writeFrame(preview, frame, pixels.data);
  context.putImageData(pixels, 0, 0);
}
