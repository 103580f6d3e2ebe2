import {
  descriptorOf,
  isVariational,
  klOfTerms,
  type Objective,
  type RunInfo,
  type TrainingEvent,
} from '../contract/run.ts';
import { duration, measured, pad, whole } from './format.ts';
import { commandHint } from './hints.ts';
import type { Reporter } from './output.ts';

type StepEvent = Extract<TrainingEvent, { event: 'step' }>;
type EpochEvent = Extract<TrainingEvent, { event: 'epoch' }>;

/**
 * The columns of the table, which gets a line each epoch. It leaves out the loss, because β-TCVAE's contains β times a
 * minibatch estimate whose level means nothing. `metrics.jsonl` and --json contain it.
 */
const COLUMNS = [
  { head: 'epoch', width: 5 },
  { head: 'error', width: 9 },
  { head: 'KL', width: 8 },
  { head: 'error', width: 10 },
  { head: 'KL', width: 7 },
  { head: 'active', width: 9 },
  { head: 'images/s', width: 10 },
  { head: 'left', width: 12 },
] as const;
const FIRST_OF_HELD_OUT = 3;

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => pad(cell, COLUMNS[i]!.width, 'right')).join('');
}

/** The line above the table's head, which groups its columns into training and held-out numbers. */
function groups(): string {
  const training = COLUMNS.slice(0, FIRST_OF_HELD_OUT).reduce((sum, { width }) => sum + width, 0);
  const heldOut = COLUMNS[FIRST_OF_HELD_OUT].width + COLUMNS[FIRST_OF_HELD_OUT + 1]!.width;
  return pad('training', training, 'right') + pad('held out', heldOut, 'right');
}

/** Reports a training: every event for scripts; for people a progress line, and a table with a line each epoch. */
export class TrainingReport {
  readonly #reporter: Reporter;
  readonly #epochs: number;
  readonly #latentDim: number;
  readonly #objective: Objective;
  /** The name of the reconstruction term: ‖x − x̂‖², or nats with another decoder or a discriminator. */
  readonly #errorName: string;
  #steps = 0;
  #lastStep: StepEvent | undefined;
  #lastWarning = '';
  #hasHead = false;
  /** The run's id, once the training has started. */
  run: string | undefined;

  constructor(reporter: Reporter, { epochs, latentDim, objective, decoder }: RunInfo['config']) {
    this.#reporter = reporter;
    this.#epochs = epochs;
    this.#latentDim = latentDim;
    this.#objective = objective;
    const hasImageDiscriminator = descriptorOf(objective.model).discriminator === 'images';
    this.#errorName = decoder || hasImageDiscriminator ? 'reconstruction in nats' : 'squared error';
  }

  /** Handles an event of the training. */
  readonly onEvent = (event: TrainingEvent): void => {
    this.#reporter.event(event.event, event);
    switch (event.event) {
      case 'started':
        this.run = event.run;
        this.#steps = event.steps;
        this.#reporter.say(`Run ${event.run}, on the ${event.device === 'gpu' ? 'GPU' : 'CPU'}.`, '');
        break;
      case 'step':
        this.#lastStep = event;
        this.#reporter.status(this.#stepText(event));
        break;
      case 'epoch':
        this.#sayEpoch(event);
        break;
      case 'warning':
        this.#warn([event.message, commandHint(event)].filter(Boolean).join(' '));
        break;
      default:
        break;
    }
  };

  /** Shows a warning once, although it may be repeated each epoch. */
  #warn(message: string): void {
    if (message !== this.#lastWarning) this.#reporter.say(message);
    this.#lastWarning = message;
  }

  #stepText({ step, epoch, loss, imagesPerSecond, secondsLeft }: StepEvent): string {
    const parts = [
      `Epoch ${whole(epoch)} of ${whole(this.#epochs)}: step ${whole(step)} of ${whole(this.#steps)}`,
      `${this.#errorName} ${measured(loss.terms['reconstruction'])}`,
      `${whole(imagesPerSecond)} images a second`,
    ];
    if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`);
    return parts.join(', ');
  }

  #sayEpoch({ epoch, loss, heldOut }: EpochEvent): void {
    if (!this.#hasHead) this.#reporter.say(groups(), row(COLUMNS.map(({ head }) => head)));
    this.#hasHead = true;
    const { imagesPerSecond, secondsLeft } = this.#lastStep ?? {};
    this.#reporter.say(
      row([
        whole(epoch),
        measured(loss.terms['reconstruction']),
        measured(klOfTerms(this.#objective, loss.terms)),
        measured(heldOut.reconstruction),
        isVariational(this.#objective) ? measured(heldOut.kl) : '–',
        `${whole(heldOut.activeDimensions)}/${whole(this.#latentDim)}`,
        imagesPerSecond === undefined ? '–' : whole(imagesPerSecond),
        secondsLeft === undefined || epoch === this.#epochs ? '–' : duration(secondsLeft),
      ]),
    );
  }
}

/** A sentence with a run's held-out numbers; undefined where there are none. */
export function heldOutSentence({ heldOut, config }: RunInfo): string | undefined {
  if (!heldOut) return undefined;
  const { images, reconstruction, kl, activeDimensions } = heldOut;
  const latent = isVariational(config.objective) ? `, KL ${measured(kl)} nats` : '';
  const active = `${whole(activeDimensions)} of ${whole(config.latentDim)} dimensions active`;
  return `On ${whole(images)} ${images === 1 ? 'image' : 'images'} held out: squared error ${measured(reconstruction)}${latent}, ${active}.`;
}
