import { listed } from '../../../contract/listed.ts';
import { valuesPerDimension } from '../../../contract/objective.ts';
import { architectureTitle, isVariational, type RunInfo } from '../../../contract/run.ts';
import { errorText, type RunLabel } from '../../components/run-words.ts';

/** A compared model and what was measured of it; what was not is missing. */
export interface Measured {
  readonly label: RunLabel;
  readonly run: RunInfo;
}

const nats = (value: number): string =>
  value < 0.995 ? value.toFixed(2) : value < 9.95 ? value.toFixed(1) : String(Math.round(value));

function steps(values: readonly number[], compare: (a: number, b: number) => boolean): boolean {
  return values.every((value, i) => i === 0 || compare(value, values[i - 1]!));
}

/** How models that have a prior trade nats for detail, from left to right. */
function tradeWords(models: readonly Measured[]): string[] {
  const measured = models.flatMap(({ label, run: { heldOut, config } }) =>
    heldOut && isVariational(config.objective)
      ? [{ name: label.name, kl: heldOut.kl, error: heldOut.reconstruction }]
      : [],
  );
  if (measured.length < 2) return [];
  const kls = measured.map(({ kl }) => kl);
  const errors = measured.map(({ error }) => error);
  if (measured.length > 2 && steps(kls, (a, b) => a < b) && steps(errors, (a, b) => a > b)) {
    const [first, last] = [measured[0]!.name, measured.at(-1)!.name];
    return [`From ${first} to ${last}, each model uses fewer nats and reconstructs less accurately.`];
  }
  const most = measured.reduce((a, b) => (b.kl > a.kl ? b : a));
  const best = measured.reduce((a, b) => (b.error < a.error ? b : a));
  return best === most
    ? [
        `${most.name} uses the most nats and reconstructs best: ${nats(most.kl)} nats, error ${errorText(best.error)}.`,
      ]
    : [
        `${most.name} uses the most nats, ${nats(most.kl)}, but ${best.name} reconstructs best, error ${errorText(best.error)}.`,
      ];
}

/** What is to be said of models without a prior beside models with one. */
function autoencoderWords(models: readonly Measured[]): string[] {
  const without = models.filter(({ run }) => !isVariational(run.config.objective));
  const quantised = without.filter(({ run }) => valuesPerDimension(run.config.objective) !== undefined);
  const autoencoders = without.length - quantised.length;
  return [
    autoencoders === 1
      ? ['The AE has no prior: it decodes samples of the other models’ prior.']
      : autoencoders > 1
        ? ['The AEs have no prior: they decode samples of the other models’ prior.']
        : [],
    quantised.length > 0
      ? [
          'A QLAE has no prior: its samples are draws of its learned values, each as often as the images have it.',
        ]
      : [],
  ].flat();
}

/** Where a comparison is not a fair one. */
function fairnessWords(models: readonly Measured[]): string[] {
  const own = models.filter(({ run }) => run.state !== 'imported');
  const epochs = [...new Set(own.map(({ run }) => run.epoch))].sort((a, b) => a - b);
  const dims = [...new Set(models.map(({ run }) => run.config.latentDim))].sort((a, b) => a - b);
  const kinds = new Set(models.map(({ run }) => architectureTitle(run)));
  const differences = [
    epochs.length > 1 ? `${listed(epochs.map(String))} epochs` : '',
    dims.length > 1 ? `${listed(dims.map(String))} dimensions` : '',
    kinds.size > 1 ? 'two architectures' : '',
  ].filter(Boolean);
  return differences.length > 0 ? [`Trained differently: ${differences.join(', ')}.`] : [];
}

/** What carries a label best, where one model stands out. */
export interface CarriedBest {
  readonly feature: string;
  /** By model, in their order; undefined where it is not known. */
  readonly bits: readonly (number | undefined)[];
}

/** Which model's single dimension tells most about a label. */
function featureWords(models: readonly Measured[], carried: CarriedBest | undefined): string[] {
  if (!carried) return [];
  const known = carried.bits.flatMap((bits, m) =>
    bits === undefined ? [] : [{ name: models[m]!.label.name, bits }],
  );
  if (known.length < 2) return [];
  const best = known.reduce((a, b) => (b.bits > a.bits ? b : a));
  const least = known.reduce((a, b) => (b.bits < a.bits ? b : a));
  // A difference of a twentieth of a bit is none to speak of.
  if (best.bits - least.bits < 0.05) return [];
  return [
    `One dimension of ${best.name} tells most about ${carried.feature.toLowerCase()}, ${best.bits.toFixed(2)} bits.`,
  ];
}

/** `β‑TCVAE` with a hyphen that no line breaks at. */
function unbroken({ label, ...rest }: Measured): Measured {
  return { ...rest, label: { ...label, name: label.name.replaceAll('-', '\u2011') } };
}

/** What the numbers say, in a few plain sentences; nothing that they do not. */
export function comparisonWords(
  compared: readonly Measured[],
  dataset: string,
  carried?: CarriedBest,
): string[] {
  const models = compared.map(unbroken);
  const sentences = [
    ...fairnessWords(models),
    // What was measured on other images cannot be compared.
    ...tradeWords(models.filter(({ run }) => run.dataset?.id === dataset)),
    ...featureWords(models, carried),
    ...autoencoderWords(models),
  ];
  return sentences.length > 0 ? sentences : ['These models were not measured on the same held-out images.'];
}
