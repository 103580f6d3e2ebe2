import * as v from 'valibot';
import type { ImageSize } from './image-size.ts';

export const ArchitectureNameSchema = v.picklist(['paper', 'burgess']);
export type ArchitectureName = v.InferOutput<typeof ArchitectureNameSchema>;

/** The image sizes that each architecture is defined for. */
export const ARCHITECTURE_SIZES: Readonly<Record<ArchitectureName, readonly ImageSize[]>> = {
  paper: [32, 64],
  burgess: [32, 64],
};

/** Why images of a size cannot be trained on, and what to do. */
export interface SizeRefusal {
  readonly message: string;
  readonly hint: string;
}

/** @returns undefined where the architecture is defined for images of this size */
export function refuseSize(architecture: ArchitectureName, imageSize: ImageSize): SizeRefusal | undefined {
  const sizes = ARCHITECTURE_SIZES[architecture];
  if (sizes.includes(imageSize)) return undefined;
  const taken = sizes.map((size) => `${size}×${size}`).join(' or ');
  const others = ArchitectureNameSchema.options.filter((name) =>
    ARCHITECTURE_SIZES[name].includes(imageSize),
  );
  const choice = others.length > 0 ? ` Or choose the architecture ${others.join(' or ')}.` : '';
  return {
    message: `The architecture ${architecture} takes images of ${taken} pixels, not of ${imageSize}×${imageSize}.`,
    hint: `Choose a data set with images of that size.${choice}`,
  };
}
