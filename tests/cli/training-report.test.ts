import { describe, expect, it } from 'vitest';
import type { TrainingEvent } from '../../src/contract/run.ts';
import { Reporter } from '../../src/cli/output.ts';
import { trainingConfig } from '../../src/cli/training-config.ts';
import { TrainingReport } from '../../src/cli/training-report.ts';

const loss = {
  total: 760.5,
  terms: {
    reconstruction: 700.25,
    mutualInformation: 290.5,
    totalCorrelation: 285.25,
    dimensionwiseKl: -569.5,
  },
};

const events: TrainingEvent[] = [
  { event: 'started', run: 'r-1', steps: 59, device: 'cpu' },
  {
    event: 'step',
    step: 59,
    epoch: 1,
    loss,
    klPerDimension: [4, 2.25],
    activeDimensions: 2,
    imagesPerSecond: 148.2,
    secondsLeft: 725,
  },
  {
    event: 'epoch',
    epoch: 1,
    step: 59,
    loss,
    heldOut: { images: 400, reconstruction: 645.2, kl: 20.1, klPerDimension: [20, 0.1], activeDimensions: 2 },
    decomposition: { mutualInformation: 5, totalCorrelation: 0.5, dimensionwiseKl: 14.6 },
    seconds: 51,
  },
  { event: 'warning', message: 'The posterior is collapsing.' },
  { event: 'warning', message: 'The posterior is collapsing.' },
];

function tell(json: boolean): string {
  let out = '';
  const reporter = new Reporter(
    { stdout: { write: (text) => (out += text) }, stderr: { write: () => true } },
    { json, now: () => 0 },
  );
  const report = new TrainingReport(reporter, trainingConfig({ model: 'beta-tcvae', latent: 2, epochs: 3 }));
  for (const event of events) report.onEvent(event);
  return out;
}

describe('TrainingReport', () => {
  it('shows people an aligned line for each epoch', () => {
    const [run, , groups, head, epoch] = tell(false).split('\n');
    expect(run).toBe('Run r-1, on the CPU.');
    expect(head?.trim().split(/\s+/)).toEqual([
      ...['epoch', 'error', 'KL', 'error', 'KL', 'active', 'images/s', 'left'],
    ]);
    expect(epoch?.trim().split(/\s{2,}/)).toEqual([
      ...['1', '700.3', '6.250', '645.2', '20.10', '2/2', '148', '12 min 5 s'],
    ]);
    expect(epoch).toHaveLength(head?.length ?? 0);
    expect(groups?.trimEnd().endsWith('held out')).toBe(true);
  });

  it('does not show people the minibatch estimates, whose levels are far off', () => {
    expect(tell(false)).not.toMatch(/290|285|569|760/);
  });

  it('shows a warning once', () => {
    expect(tell(false).split('collapsing')).toHaveLength(2);
  });

  it('passes every event to scripts unchanged', () => {
    const lines = tell(true).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
  });
});
