/** What the glossary says of a score. */
interface MetricText {
  readonly title: string;
  readonly also?: readonly string[];
  /** Explains the score to a newcomer. */
  readonly sentence: string;
  readonly equation?: string;
}

/**
 * The name and the explanation of every score of every metric, by its key. The engine's metrics take theirs from here,
 * so that the view Measure, the command line and the glossary say the same.
 */
export const METRIC_TEXTS = {
  mig: {
    title: 'MIG',
    also: ['mutual information gap'],
    sentence:
      'For each factor, how much more its best dimension tells about it than the second best, as a share of all there is to know: 1 when every factor has one dimension of its own, 0 when two dimensions share it equally.',
    equation: '1/K Σ_k ( I(z_1; v_k) − I(z_2; v_k) ) / H(v_k)',
  },
  sapDiscrete: {
    title: 'SAP (discrete)',
    also: ['separated attribute predictability'],
    sentence:
      "How much more often the best single dimension gives a factor's right value than the second best, each with a linear classifier of its own. Even a perfect code stays below 1, because the second best guesses right now and then.",
    equation: '1/K Σ_k ( s_1(v_k) − s_2(v_k) )',
  },
  sapContinuous: {
    title: 'SAP (continuous)',
    also: ['separated attribute predictability'],
    sentence:
      'How much better the best single dimension predicts a factor by a straight line than the second best: near 1 when each factor has one dimension that follows it evenly, 0 when two follow it alike.',
    equation: '1/K Σ_k ( r_1^2 − r_2^2 )',
  },
  dciDisentanglement: {
    title: 'DCI disentanglement',
    sentence:
      'Whether each dimension that matters is used to predict one factor only, judged by boosted trees: 1 when no dimension serves two factors.',
    equation: 'Σ_j ρ_j ( 1 − H_K(P_j) )',
  },
  dciCompleteness: {
    title: 'DCI completeness',
    sentence:
      'Whether each factor is predicted from one dimension only, judged by boosted trees: 1 when no factor is spread over several dimensions.',
    equation: '1 − H_L(P_k)',
  },
  dciInformativeness: {
    title: 'DCI informativeness',
    sentence:
      'How often boosted trees find a factor’s right value from the whole code of an image they have not learned from. It says how much is in the code, not how tidily; chance is the shuffled baseline, not 0.',
  },
  dciLassoDisentanglement: {
    title: 'DCI disentanglement (L1)',
    sentence:
      'Whether each dimension that matters is used for one factor only, judged by linear regressions that keep few weights: 1 when no dimension serves two factors.',
    equation: 'Σ_j ρ_j ( 1 − H_K(P_j) )',
  },
  dciLassoCompleteness: {
    title: 'DCI completeness (L1)',
    sentence:
      'Whether each factor needs one dimension only, judged by linear regressions that keep few weights: 1 when no factor is spread over several dimensions.',
    equation: '1 − H_L(P_k)',
  },
  dciLassoInformativeness: {
    title: 'DCI informativeness (L1)',
    sentence:
      'How much of a factor’s variance a straight line through the whole code explains, on images it has not learned from. A factor that goes round, such as an angle, cannot be found by a line.',
  },
  infoM: {
    title: 'InfoM',
    also: ['InfoMEC', 'modularity by information'],
    sentence:
      'Whether each dimension tells about one factor only: the share of its information that is about its best factor, 1 when all of it is, 0 when it tells about all factors alike. Dimensions that hardly vary are left out.',
    equation: '1/L Σ_j ( max_k I_jk / Σ_k I_jk − 1/K ) / ( 1 − 1/K )',
  },
  infoE: {
    title: 'InfoE',
    also: ['InfoMEC', 'explicitness'],
    sentence:
      'How much of what there is to know about a factor a linear classifier finds in the whole code: 1 when it is always certain and right, 0 when it only guesses.',
    equation: '1/K Σ_k 1 − H(v_k | z) / H(v_k)',
  },
  infoC: {
    title: 'InfoC',
    also: ['InfoMEC', 'compactness'],
    sentence:
      'Whether each factor is told by one dimension only: the share of the information about it that its best dimension has, 1 when no other dimension has any, 0 when all have the same. Dimensions that hardly vary are left out.',
    equation: '1/K Σ_k ( max_j I_jk / Σ_j I_jk − 1/L ) / ( 1 − 1/L )',
  },
  modularity: {
    title: 'Modularity',
    sentence:
      'Whether each dimension tells about one factor only: 1 when none mixes two factors. It does not mind several dimensions sharing a factor, and a dimension that carries only chance still scores, so compare it with the shuffled baseline.',
  },
  axisAlignment: {
    title: 'Axis alignment',
    sentence:
      'For each factor, how much its best dimension tells beyond all other dimensions together: 1 when only one dimension moves with the factor, 0 when the others together tell as much.',
  },
  factorVae: {
    title: 'FactorVAE metric',
    sentence:
      'Among images that share one factor, the dimension that varies least should tell which factor it is. This is how often a majority vote gets it right; chance is one in the number of factors, so compare it with the shuffled baseline.',
  },
  linearClassifier: {
    title: 'Linear classifier (β-VAE metric)',
    sentence:
      'Pairs of images share one factor; from how much their codes differ, a linear classifier says which. It is easy to do well at: near 1 means little by itself, a low score means much.',
  },
} as const satisfies Readonly<Record<string, MetricText>>;

/** The key of a score: `mig`, `dciCompleteness`. */
export type MetricKey = keyof typeof METRIC_TEXTS;
