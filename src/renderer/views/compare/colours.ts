import type { ModelKind, RunInfo } from '../../../contract/run.ts';

/** A colour of the palette's categories; `none` is the grey of an AE, which has no prior. */
export type RunTone = 'none' | 0 | 1 | 2 | 3 | 4 | 5;

/** A tone as style sheets know it, which follows the theme by itself. */
export function toneProperty(tone: RunTone): string {
  return tone === 'none' ? 'var(--ctl)' : `var(--categories-${tone})`;
}

const USUAL: Partial<Record<ModelKind, RunTone>> = { ae: 'none', vae: 0, 'beta-vae': 1, 'beta-tcvae': 3 };
const OTHERS: readonly RunTone[] = [0, 1, 3, 5, 4, 2, 'none'];

/** A colour for each of some runs: its model's own, or where that is taken the next one that is free. */
export function runTones(runs: readonly RunInfo[]): RunTone[] {
  const taken = new Set<RunTone>();
  return runs.map(({ config }) => {
    const usual = USUAL[config.objective.model];
    const tone =
      usual !== undefined && !taken.has(usual)
        ? usual
        : (OTHERS.find((other) => !taken.has(other) && other !== 'none') ?? 'none');
    taken.add(tone);
    return tone;
  });
}
