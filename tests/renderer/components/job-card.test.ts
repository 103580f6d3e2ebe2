// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../src/contract/job.ts';
import JobCard from '../../../src/renderer/components/JobCard.svelte';
import { renderInWindow } from '../render-in-window.ts';
import { aJob, makeApp, settled } from '../small-app.ts';

afterEach(cleanup);

const held = aJob({
  request: { kind: 'import', source: `source-${'0'.repeat(16)}`, crop: 'auto' },
  title: 'Importing faces',
  state: 'held',
  held: { reason: 'files', reads: ['/home/me/faces', '/home/me/\u202Egnp.exe'], writes: ['/tmp/a.gif'] },
});

async function show(job: Job): Promise<string[]> {
  const asked: string[] = [];
  const { app } = await makeApp({
    'jobs.confirm': ({ job: id }) => {
      asked.push(`confirm ${id}`);
      return job;
    },
    'jobs.dismiss': ({ job: id }) => {
      asked.push(`dismiss ${id}`);
      return {};
    },
  });
  renderInWindow(app, JobCard, { job });
  return asked;
}

describe('the card of a held job', () => {
  it('names every file that would be read or written, and hides nothing in their names', async () => {
    await show(held);
    screen.getByText('It was queued when Unravel was closed. Start it?');
    const [reads, writes] = screen.getAllByRole('list').map((list) => list.textContent);
    expect(reads).toContain('/home/me/faces');
    expect(reads).toContain('/home/me/\\u202egnp.exe');
    expect(writes).toContain('/tmp/a.gif');
    screen.getByText('It reads');
    screen.getByText('It writes');
  });

  it('starts or discards it, and offers nothing else', async () => {
    const asked = await show(held);
    expect(screen.getAllByRole('button').map(({ textContent }) => textContent.trim())).toEqual([
      'Start',
      'Discard',
    ]);
    await fireEvent.click(screen.getByRole('button', { name: 'Start' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
    await settled();
    expect(asked).toEqual([`confirm ${held.id}`, `dismiss ${held.id}`]);
  });

  it('says that a workspace came from elsewhere', async () => {
    await show(aJob({ state: 'held', held: { reason: 'elsewhere', reads: [], writes: [] } }));
    screen.getByText(/not by you in this folder/);
    expect(screen.queryByRole('list')).toBeNull();
  });
});

it('a trouble that nobody asked for is shown as a sentence', async () => {
  const { app, emit } = await makeApp();
  emit('trouble', { code: 'bad-input', message: 'The list could not be read.', hint: 'Look at it.' });
  await settled();
  expect(app.toasts.list).toMatchObject([
    { kind: 'error', message: 'The list could not be read.', hint: 'Look at it.' },
  ]);
});
