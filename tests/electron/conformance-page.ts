/** Runs inside the window's page: the conformance cases, over ports as the page itself gets them. */
import { windowPort } from '../../src/renderer/state/connection.ts';
import { conformanceCases } from '../contract/conformance.ts';

/** @throws Error that says what does not hold */
async function runCase(name: string): Promise<void> {
  const found = conformanceCases.find((each) => each.name === name);
  if (!found) throw new Error(`There is no case “${name}”.`);
  await found.run(windowPort);
}

declare global {
  interface Window {
    runConformanceCase: typeof runCase;
  }
}

window.runConformanceCase = runCase;
