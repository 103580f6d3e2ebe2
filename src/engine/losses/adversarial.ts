/** Target probability of real images (one-sided label smoothing), so that the discriminator's gradient does not vanish. */
const REAL_LABEL = 0.9;
/**
 * The log loss of a discriminator that cannot distinguish the images, and the largest distance from it (from the
 * code of Larsen et al. 2016).
 */
const EQUILIBRIUM = 0.68;
const MARGIN = 0.35;

/** The losses of decoder and discriminator on a batch of images, and their gradients. Nats, averaged over the batch. */
export interface AdversarialLosses {
  /** The decoder's loss: −log D(x̃) − log D(x_p), each averaged. */
  readonly adversarial: number;
  /** The discriminator's loss: −log D(x) and −log(1 − D) of x̃ and x_p. */
  readonly discriminator: number;
  /** Whether the discriminator is updated in this step. It is paused while it distinguishes the images too well. */
  readonly trainsDiscriminator: boolean;
  /**
   * Whether the decoder is updated in this step. It is paused while the discriminator distinguishes the images too
   * badly.
   */
  readonly trainsDecoder: boolean;
  /** Gradient of `adversarial` in the logits, `[3·batch]`. */
  readonly decoderGradient: Float32Array;
  /** Gradient of `discriminator` in the logits, `[3·batch]`. */
  readonly discriminatorGradient: Float32Array;
}

/**
 * VAE-GAN's adversarial losses (Larsen et al. 2016, eq. 5 and algorithm 1). The discriminator learns to distinguish
 * data from reconstructions x̃ and from decoded samples of the prior x_p; the decoder learns to make the
 * discriminator classify both as data. The decoder's loss is the non-saturating one (Goodfellow et al. 2014,
 * section 3). The discriminator's loss has one-sided label smoothing (Salimans et al. 2016) and gives each of the
 * two kinds of generated images the weight ½. Either side is paused while it is too far ahead of the other.
 *
 * @param logits - log D/(1 − D) of data, reconstructions and samples, `[3·batch]`
 */
export function adversarialLosses(logits: Float32Array, batch: number): AdversarialLosses {
  let [adversarial, real, made] = [0, 0, 0];
  let discriminator = 0;
  const decoderGradient = new Float32Array(logits.length);
  const discriminatorGradient = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    const probability = 1 / (1 + Math.exp(-logit));
    // −log D and −log(1 − D), computed without overflow.
    const [asReal, asMade] = [softplus(-logit) / batch, softplus(logit) / batch];
    if (i < batch) {
      real += asReal;
      discriminator += REAL_LABEL * asReal + (1 - REAL_LABEL) * asMade;
      discriminatorGradient[i] = (probability - REAL_LABEL) / batch;
    } else {
      made += asMade / 2;
      discriminator += asMade / 2;
      discriminatorGradient[i] = probability / (2 * batch);
      adversarial += asReal;
      decoderGradient[i] = (probability - 1) / batch;
    }
  }
  const discriminatorLeads = real < EQUILIBRIUM - MARGIN || made < EQUILIBRIUM - MARGIN;
  const discriminatorLags = real > EQUILIBRIUM + MARGIN || made > EQUILIBRIUM + MARGIN;
  // If one kind of image is distinguished too well and the other too badly, both are updated.
  return {
    adversarial,
    discriminator,
    trainsDiscriminator: !discriminatorLeads || discriminatorLags,
    trainsDecoder: !discriminatorLags || discriminatorLeads,
    decoderGradient,
    discriminatorGradient,
  };
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
