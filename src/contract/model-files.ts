/** The files of a model: those that Unravel exports, and those of disentangling-vae. */
const MODEL_FILES = [
  'run.json',
  'checkpoint.safetensors',
  'specs.json',
  'model.safetensors',
  'model.pt',
] as const;

/** Whether a file of this name may be one of a model's. */
export function isModelFile(name: string): boolean {
  return (MODEL_FILES as readonly string[]).includes(name);
}

/** Whether a folder with files of these names contains a model. */
export function isModelFolder(names: readonly string[]): boolean {
  const has = (name: (typeof MODEL_FILES)[number]): boolean => names.includes(name);
  return (
    (has('run.json') && has('checkpoint.safetensors')) ||
    (has('specs.json') && (has('model.safetensors') || has('model.pt')))
  );
}
