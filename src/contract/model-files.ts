import { endingIn, READ_PICTURES } from './picture-files.ts';

/** The files of a model beside its weights: those that Unravel exports, those of disentangling-vae, and pythae's. */
const DESCRIPTIONS = ['run.json', 'specs.json', 'model_config.json'] as const;
/** The weights of a model that Unravel exported. */
const OWN_WEIGHTS = 'checkpoint.safetensors';
const WEIGHTS = /\.(safetensors|pt|pth|ckpt)$/i;
/** An ending that weights have, and much else. */
const MAYBE_WEIGHTS = /\.bin$/i;
const PICTURE = endingIn(READ_PICTURES);

/** Whether a file of this name may hold a model's weights. */
export function isWeightFile(name: string): boolean {
  return WEIGHTS.test(name) || /^pytorch_model\.bin$/i.test(name);
}

/** Whether a file of this name is opened as weights if it is the only one given. */
export function mayBeWeightFile(name: string): boolean {
  return isWeightFile(name) || MAYBE_WEIGHTS.test(name);
}

/** Whether a file of this name may be one of a model's. */
export function isModelFile(name: string): boolean {
  return (DESCRIPTIONS as readonly string[]).includes(name) || isWeightFile(name);
}

/** Whether a folder with files of these names contains a model. Beside pictures, weights need a description. */
export function isModelFolder(names: readonly string[]): boolean {
  if (names.includes('run.json') && names.includes(OWN_WEIGHTS)) return true;
  if (!names.some(isWeightFile)) return false;
  const isDescribed = names.includes('specs.json') || names.includes('model_config.json');
  return isDescribed || !names.some((name) => PICTURE.test(name));
}

/** Names that programs give to the weights of a finished model, the preferred one first. */
const USUAL = ['model.safetensors', 'model.pt', 'model.pth', 'pytorch_model.bin', 'last.ckpt'];

/** Of the names in a model's folder those that belong to the model: descriptions, and the weights that are meant. */
export function modelFilesAmong(names: readonly string[]): readonly string[] {
  const weights = names.includes('run.json') ? [OWN_WEIGHTS] : weightFilesAmong(names);
  return names.filter((name) => isModelFile(name) && (!isWeightFile(name) || weights.includes(name)));
}

/**
 * The file of weights among those of a folder.
 *
 * @returns the candidates: one if it is clear which one is meant
 */
export function weightFilesAmong(names: readonly string[]): readonly string[] {
  const usual = USUAL.find((name) => names.includes(name));
  return usual === undefined ? names.filter(isWeightFile) : [usual];
}
