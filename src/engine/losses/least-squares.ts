/** The discriminator is not updated while its loss is smaller than this: it would leave the decoder behind. */
const LEAST_LOSS = 0.08;

/** The least-squares losses of a discriminator and of the decoder that it judges, and their gradients. */
export interface LeastSquaresLosses {
  /** The decoder's loss: ½(D − 1)², averaged over the made pictures of each kind and added. */
  readonly adversarial: number;
  /** The discriminator's loss: ½(D(x) − 1)² + ½D(made)², each averaged; ¼ where it cannot distinguish the pictures. */
  readonly discriminator: number;
  /** Whether the discriminator is updated in this step. It is paused while it distinguishes the pictures too well. */
  readonly trainsDiscriminator: boolean;
  /** Gradient of `adversarial` in the outputs; zero for data. */
  readonly decoderGradient: Float32Array;
  /** Gradient of `discriminator` in the outputs. */
  readonly discriminatorGradient: Float32Array;
}

/**
 * The losses of least squares (Mao et al. 2017, with the labels 0 and 1). Their gradients are bounded by the distance from
 * the label, so that a discriminator which is far ahead does not drive the decoder away.
 *
 * @param outputs - D of data and of each kind of made pictures, `[(1 + kinds) · numbers]`: data first
 * @param numbers - number of outputs for the data: pictures times patches
 */
export function leastSquaresLosses(outputs: Float32Array, numbers: number): LeastSquaresLosses {
  const kinds = outputs.length / numbers - 1;
  let [adversarial, discriminator] = [0, 0];
  const decoderGradient = new Float32Array(outputs.length);
  const discriminatorGradient = new Float32Array(outputs.length);
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i]!;
    if (i < numbers) {
      discriminator += (output - 1) ** 2 / (2 * numbers);
      discriminatorGradient[i] = (output - 1) / numbers;
    } else {
      discriminator += output ** 2 / (2 * numbers * kinds);
      discriminatorGradient[i] = output / (numbers * kinds);
      adversarial += (output - 1) ** 2 / (2 * numbers);
      decoderGradient[i] = (output - 1) / numbers;
    }
  }
  return {
    adversarial,
    discriminator,
    trainsDiscriminator: discriminator > LEAST_LOSS,
    decoderGradient,
    discriminatorGradient,
  };
}
