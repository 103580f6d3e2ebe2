import { writeRgba, type FaceImage } from '../../components/face.ts';

/** Paints faces beside each other, without gaps, onto a canvas of their own size; missing ones stay clear. */
export function paintRow(
  canvas: HTMLCanvasElement,
  faces: readonly (FaceImage | undefined)[],
  count: number,
): void {
  const { width = 64, height = 64 } = faces.find((face) => face !== undefined) ?? {};
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
