import type { EventPayload } from '../../../../contract/events.ts';
import type { Output } from '../../../../contract/operations.ts';
import type { EpochMetric, Snapshot, StepMetric } from '../../../../contract/operations/runs.ts';
import { BEFORE_SHARPENING } from '../../../../contract/sharpening.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { Latest } from '../../../state/latest.ts';

/** Curves need no more points than there are pixels. */
const MOST_STEPS = 1500;
/** Events come several times a second; the page shows them this often. */
const SHOWN_EVERY_MS = 300;
/** How long an epoch stands while they are played. */
export const PLAY_MS = 700;

/** One run that is looked at: its curves, which grow while it trains, and its snapshots, one at a time. */
export class FollowedRun {
  readonly run: string;
  steps = $state.raw<readonly StepMetric[]>([]);
  epochs = $state.raw<readonly EpochMetric[]>([]);
  /** The epochs that left a snapshot, rising. */
  snapshotEpochs = $state.raw<readonly number[]>([]);
  /** The epoch that a person went back to; undefined: the newest, live. */
  chosenEpoch = $state<number | undefined>();
  snapshot = $state.raw<Snapshot | undefined>();
  /** Of a sharpened run: what the decoder drew that it was made from. */
  before = $state.raw<Snapshot | undefined>();
  isPlaying = $state(false);
  /** Lines of the run's record that were damaged, and are in no curve. */
  passedOver = $state(0);
  /** Whether what there was has come. */
  isLoaded = $state(false);
  readonly shownEpoch = $derived(this.chosenEpoch ?? this.snapshotEpochs.at(-1));
  readonly lastStep = $derived(this.steps.at(-1));
  readonly lastEpoch = $derived(this.epochs.at(-1));
  readonly #stops: (() => void)[];
  readonly #open = new LatestAsk();
  readonly #openBefore = new LatestAsk();
  readonly #app: AppState;
  readonly #show: Latest<number, Snapshot>;
  #waiting: StepMetric[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;
  #player: ReturnType<typeof setInterval> | undefined;

  constructor(app: AppState, run: string) {
    this.run = run;
    this.#app = app;
    this.#show = new Latest({
      load: (epoch) => app.client.request('runs.snapshot', { run, epoch }),
      show: (snapshot) => (this.snapshot = snapshot),
      fail: (error) => app.toasts.fail(error),
    });
    this.#stops = [
      app.client.on('step', (step) => {
        if (step.run === run) this.#addStep(step);
      }),
      app.client.on('epoch', (epoch) => {
        if (epoch.run === run) this.#addEpoch(epoch);
      }),
    ];
    app.attempt(() =>
      this.#open.ask(
        () =>
          Promise.all([
            app.client.request('runs.metrics', { run }),
            app.client.request('runs.snapshots', { run }),
          ]),
        ([metrics, snapshotEpochs]) => this.#begin(metrics, snapshotEpochs),
      ),
    );
  }

  /** Shows an epoch; the newest is shown live. */
  goTo(epoch: number): void {
    this.chosenEpoch = epoch === this.snapshotEpochs.at(-1) ? undefined : epoch;
    this.#show.ask(epoch);
  }

  /** Plays the epochs from the shown one, or from the first where that is the last. */
  togglePlay(): void {
    if (this.isPlaying) {
      this.#stopPlaying();
      return;
    }
    const { snapshotEpochs } = this;
    if (snapshotEpochs.length < 2) return;
    if (this.shownEpoch === snapshotEpochs.at(-1)) this.goTo(snapshotEpochs[0]!);
    this.isPlaying = true;
    this.#player = setInterval(() => this.#playNext(), PLAY_MS);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#flush);
    this.#stopPlaying();
    this.#open.close();
    this.#openBefore.close();
    this.#show.close();
  }

  #begin({ steps, epochs, passedOver = 0 }: Output<'runs.metrics'>, stored: readonly number[]): void {
    const snapshotEpochs = stored.filter((epoch) => epoch !== BEFORE_SHARPENING);
    if (snapshotEpochs.length < stored.length) this.#loadBefore();
    // What has come meanwhile is newer than what was read.
    const lastStep = steps.at(-1)?.step ?? 0;
    const lastEpoch = epochs.at(-1)?.epoch ?? 0;
    this.steps = [...steps, ...this.steps.filter(({ step }) => step > lastStep)];
    this.epochs = [...epochs, ...this.epochs.filter(({ epoch }) => epoch > lastEpoch)];
    const lastSnapshot = snapshotEpochs.at(-1) ?? 0;
    this.snapshotEpochs = [...snapshotEpochs, ...this.snapshotEpochs.filter((epoch) => epoch > lastSnapshot)];
    this.passedOver = passedOver;
    this.isLoaded = true;
    if (this.shownEpoch !== undefined) this.#show.ask(this.shownEpoch);
  }

  #loadBefore(): void {
    const { run } = this;
    this.#app.attempt(() =>
      this.#openBefore.ask(
        () => this.#app.client.request('runs.snapshot', { run, epoch: BEFORE_SHARPENING }),
        (snapshot) => (this.before = snapshot),
      ),
    );
  }

  #addStep({ step, epoch, loss, imagesPerSecond }: EventPayload<'step'>): void {
    this.#waiting.push({ step, epoch, loss, imagesPerSecond });
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      const first = this.#waiting[0]?.step ?? 0;
      // A resumed run goes back to its checkpoint and overwrites what came after it.
      const before = this.steps.filter((known) => known.step < first);
      this.steps = thin([...before, ...this.#waiting]);
      this.#waiting = [];
    }, SHOWN_EVERY_MS);
  }

  #addEpoch({ run: _own, ...metric }: EventPayload<'epoch'>): void {
    this.epochs = [...this.epochs.filter(({ epoch }) => epoch < metric.epoch), metric];
    this.snapshotEpochs = [...this.snapshotEpochs.filter((epoch) => epoch < metric.epoch), metric.epoch];
    if (this.chosenEpoch === undefined) this.#show.ask(metric.epoch);
  }

  #playNext(): void {
    const next = this.snapshotEpochs.find((epoch) => epoch > (this.shownEpoch ?? 0));
    if (next === undefined) this.#stopPlaying();
    else this.goTo(next);
  }

  #stopPlaying(): void {
    clearInterval(this.#player);
    this.isPlaying = false;
  }
}

/** Every other point of the older half goes when there are too many; the newest stay. */
function thin(steps: readonly StepMetric[]): readonly StepMetric[] {
  if (steps.length <= MOST_STEPS) return steps;
  const half = Math.floor(steps.length / 2);
  return steps.filter((_, i) => i >= half || i % 2 === 0);
}
