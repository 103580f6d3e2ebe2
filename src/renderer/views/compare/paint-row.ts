import { writeRgba, type FaceImage } from '../../components/face.ts';

/** Paints faces beside each other, without gaps, onto a canvas of their own size; missing ones stay clear. */
export function paintRow(
  canvas: HTMLCanvasElement,
  faces: readonly (FaceImage | undefined)[],
  count: number,
): void {
  // Without any face there is nothing to paint, and any size will do.
  const { width = 1, height = 1 } = faces.find((face) => face !== undefined) ?? {};
  canvas.width = count * width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  faces.forEach((face, i) => {
    if (!face) return;
    const pixels = context.createImageData(width, height);
    writeRgba(face, pixels.data);
    context.putImageData(pixels, i * width, 0);
  });
}
