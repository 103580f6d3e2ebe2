// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { modelKinds } from '../../../src/contract/run.ts';
import Formula from '../../../src/renderer/components/Formula.svelte';
import { formulaOf, formulaText } from '../../../src/contract/objectives/formula.ts';

afterEach(cleanup);

describe('formulaText', () => {
  it('writes the paper’s four objectives', () => {
    expect(formulaText({ model: 'ae' })).toBe('‖x − g(f(x))‖²');
    expect(formulaText({ model: 'vae' })).toBe('‖x − g(z)‖² + KL( q(z|x) ‖ p(z) )');
    expect(formulaText({ model: 'beta-vae', beta: 5 })).toBe('‖x − g(z)‖² + 5·KL( q(z|x) ‖ p(z) )');
    expect(formulaText({ model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 })).toBe(
      '‖x − g(z)‖² + MI + 20·TC + Σⱼ KL( q(zⱼ) ‖ p(zⱼ) )',
    );
  });

  it('writes no weight of one and no term of weight zero', () => {
    expect(formulaText({ model: 'beta-vae', beta: 1 })).toBe(formulaText({ model: 'vae' }));
    expect(formulaText({ model: 'beta-vae', beta: 0 })).toBe('‖x − g(z)‖²');
    expect(formulaText({ model: 'beta-tcvae', alpha: 0, beta: 6, gamma: 0.5 })).toBe(
      '‖x − g(z)‖² + 6·TC + 0.5·Σⱼ KL( q(zⱼ) ‖ p(zⱼ) )',
    );
  });

  it('keeps the letter of a weight that is not known', () => {
    expect(formulaText({ model: 'beta-tcvae', alpha: 1, beta: undefined, gamma: undefined })).toBe(
      '‖x − g(z)‖² + MI + β·TC + γ·Σⱼ KL( q(zⱼ) ‖ p(zⱼ) )',
    );
  });

  it('writes the wider family', () => {
    expect(formulaText({ model: 'factor-vae', gamma: 6.4 })).toBe(
      '‖x − g(z)‖² + KL( q(z|x) ‖ p(z) ) + 6.4·TC',
    );
    expect(formulaText({ model: 'annealed-vae', gamma: 1000, capacity: 25 })).toBe(
      '‖x − g(z)‖² + 1000·|KL( q(z|x) ‖ p(z) ) − 25|',
    );
    expect(formulaText({ model: 'info-vae', alpha: 0, lambda: 1000 })).toBe(
      '‖x − g(z)‖² + KL( q(z|x) ‖ p(z) ) + 999·MMD',
    );
    expect(formulaText({ model: 'dip-vae-ii', lambda: 10, lambdaDiagonal: 10 })).toBe(
      '‖x − g(z)‖² + KL( q(z|x) ‖ p(z) ) + 10·Σᵢ≠ⱼ Cov² + 10·Σⱼ (Var − 1)²',
    );
  });

  it('has a formula for every model there is', () => {
    for (const model of modelKinds()) {
      expect(formulaOf({ model }).length).toBeGreaterThan(5);
      expect(formulaText({ model })).not.toContain('undefined');
    }
  });
});

describe('Formula', () => {
  it('reads aloud as one line, with variables set in italics', () => {
    render(Formula, { objective: { model: 'beta-vae', beta: 5 } });
    const formula = screen.getByRole('math', { name: '‖x − g(z)‖² + 5·KL( q(z|x) ‖ p(z) )' });
    expect([...formula.querySelectorAll('i')].map((i) => i.textContent).join('')).toBe('xgzqzxpz');
    expect(formula.querySelector('sup')?.textContent).toBe('2');
    expect(formula.textContent.replace(/\s+/g, '')).toBe('‖x−g(z)‖2+5·KL(q(z|x)‖p(z))');
  });
});
