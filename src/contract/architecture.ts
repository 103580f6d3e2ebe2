import * as v from 'valibot';

export const ArchitectureNameSchema = v.picklist(['paper', 'burgess']);
export type ArchitectureName = v.InferOutput<typeof ArchitectureNameSchema>;
