/** A metric that can be asked for. */
export interface MetricChoice {
  /** As an evaluation is asked for it. */
  readonly id: string;
  readonly title: string;
  /** The keys of its scores. */
  readonly keys: readonly string[];
  /** What it takes, where it takes long. */
  readonly note?: string;
}

/** The metrics that there are, in the order of their scores; a test holds it against the engine's own list. */
export const METRIC_CHOICES: readonly MetricChoice[] = [
  { id: 'mig', title: 'MIG', keys: ['mig'] },
  { id: 'sapDiscrete', title: 'SAP (discrete)', keys: ['sapDiscrete'] },
  { id: 'sapContinuous', title: 'SAP (continuous)', keys: ['sapContinuous'] },
  {
    id: 'dci',
    title: 'DCI, boosted trees',
    keys: ['dciDisentanglement', 'dciCompleteness', 'dciInformativeness'],
    note: 'slow',
  },
  {
    id: 'dciLasso',
    title: 'DCI, linear (L1)',
    keys: ['dciLassoDisentanglement', 'dciLassoCompleteness', 'dciLassoInformativeness'],
  },
  { id: 'infoM', title: 'InfoM', keys: ['infoM'] },
  { id: 'infoE', title: 'InfoE', keys: ['infoE'], note: 'slow' },
  { id: 'infoC', title: 'InfoC', keys: ['infoC'] },
  { id: 'modularity', title: 'Modularity', keys: ['modularity'] },
  { id: 'axisAlignment', title: 'Axis alignment', keys: ['axisAlignment'] },
  { id: 'factorVae', title: 'FactorVAE metric', keys: ['factorVae'] },
  { id: 'linearClassifier', title: 'Linear classifier', keys: ['linearClassifier'] },
];

/** What takes KL apart, as an evaluation is asked for it. */
export const ELBO = 'elbo';
