/** Real pictures count as real by so much: a discriminator that is never quite sure keeps teaching. */
const REAL_LABEL = 0.9;
/** Log losses of a discriminator that cannot tell, and how far from there is too far (Larsen et al. 2016, their code). */
const EQUILIBRIUM = 0.68;
const MARGIN = 0.35;

/** What a discriminator of pictures says of a batch, and what follows from it. Nats, averaged over the batch. */
export interface Verdict {
  /** What the decoder pays: −log D(x̃) − log D(x_p), each averaged. */
  readonly adversarial: number;
  /** What the discriminator pays: −log D(x) and −log(1 − D) of x̃ and x_p. */
  readonly discriminator: number;
  /** Whether the discriminator learns in this step: not when it tells too well already. */
  readonly trainsDiscriminator: boolean;
  /** Whether the decoder learns: not when the discriminator is fooled too easily. */
  readonly trainsDecoder: boolean;
  /** Of `adversarial` in the logits, `[3·batch]`. */
  readonly decoderGradient: Float32Array;
  /** Of `discriminator` in the logits, `[3·batch]`. */
  readonly discriminatorGradient: Float32Array;
}

/**
 * VAE-GAN's game (Larsen et al. 2016, eq. 5 and algorithm 1): the discriminator tells data from reconstructions x̃ and
 * from samples of the prior x_p, the decoder has them taken for data. The decoder's side is the one that does not
 * saturate (Goodfellow et al. 2014, section 3), the discriminator's has one-sided label smoothing (Salimans et al.
 * 2016) and counts its two kinds of made pictures half each. Whoever wins by too much waits.
 *
 * @param logits - log D/(1 − D) of data, reconstructions and samples, `[3·batch]`
 */
export function judgePictures(logits: Float32Array, batch: number): Verdict {
  let [adversarial, real, made] = [0, 0, 0];
  let discriminator = 0;
  const decoderGradient = new Float32Array(logits.length);
  const discriminatorGradient = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    const probability = 1 / (1 + Math.exp(-logit));
    // −log D and −log(1 − D), which do not overflow.
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
  const tellsWell = real < EQUILIBRIUM - MARGIN || made < EQUILIBRIUM - MARGIN;
  const isFooled = real > EQUILIBRIUM + MARGIN || made > EQUILIBRIUM + MARGIN;
  // Where one kind is told too well and the other too badly, both go on.
  return {
    adversarial,
    discriminator,
    trainsDiscriminator: !tellsWell || isFooled,
    trainsDecoder: !isFooled || tellsWell,
    decoderGradient,
    discriminatorGradient,
  };
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
