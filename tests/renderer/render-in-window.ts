import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';
import type { AppState } from '../../src/renderer/state/app.svelte.ts';
import InWindow from './InWindow.svelte';

/**
 * Renders a component with what the window gives every view: the state of the window, and tooltips.
 *
 * @param given - the component's properties; `rerender({ given })` changes them
 */
export function renderInWindow<Given extends object>(
  app: AppState,
  component: Component<Given>,
  given: NoInfer<Given>,
) {
  const anyComponent = component as unknown as Component<Record<string, unknown>>;
  return render(InWindow, { app, component: anyComponent, given: given as Record<string, unknown> });
}
