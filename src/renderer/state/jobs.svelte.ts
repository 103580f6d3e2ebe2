import type { Client } from '../../contract/client.ts';
import { isEnd, isTraining, type Job, type JobRequest } from '../../contract/job.ts';
import { errorFromPayload } from '../../contract/errors.ts';

/** All long pieces of work, in the order of their queue. */
export class Jobs {
  list = $state.raw<readonly Job[]>([]);
  /** Those that a person must start. */
  readonly held = $derived(this.list.filter(({ state }) => state === 'held'));
  /** Those that go on or wait. */
  readonly active = $derived(
    this.list.filter(({ state }) => ['queued', 'running', 'pausing'].includes(state)),
  );
  readonly trainings = $derived(this.list.filter(({ request }) => isTraining(request)));
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    client.on('job', (job) => this.#put(job));
    client.on('job.dismissed', ({ job }) => (this.list = this.list.filter(({ id }) => id !== job)));
  }

  async load(): Promise<void> {
    this.list = await this.#client.request('jobs.list', {});
  }

  async start(request: JobRequest): Promise<Job> {
    const job = await this.#client.request('jobs.start', request);
    this.#put(job);
    return this.list.find(({ id }) => id === job.id) ?? job;
  }

  cancel = (job: string): Promise<unknown> => this.#client.request('jobs.cancel', { job });
  pause = (job: string): Promise<unknown> => this.#client.request('jobs.pause', { job });
  confirm = (job: string): Promise<unknown> => this.#client.request('jobs.confirm', { job });
  resume = (job: string): Promise<unknown> => this.#client.request('jobs.resume', { job });
  dismiss = (job: string): Promise<unknown> => this.#client.request('jobs.dismiss', { job });

  /**
   * Starts a job and waits for its end.
   *
   * @param onChange - hears every change until then
   * @throws UnravelError why it failed or was cancelled
   */
  async perform(request: JobRequest, onChange: (job: Job) => void = () => undefined): Promise<Job> {
    const started = await this.start(request);
    const ended = await new Promise<Job>((resolve) => {
      const follow = (job: Job): void => {
        onChange(job);
        if (!isEnd(job.state)) return;
        stop();
        resolve(job);
      };
      const stop = this.#client.on('job', (job) => {
        if (job.id === started.id) follow(job);
      });
      follow(started);
    });
    if (ended.state === 'done') return ended;
    throw errorFromPayload(ended.error ?? { code: 'cancelled', message: `${ended.title} was stopped.` });
  }

  /** A job keeps its place; a change that arrives after a later one is not known to happen on one port. */
  #put(job: Job): void {
    const known = this.list.some(({ id }) => id === job.id);
    const list = known ? this.list.map((other) => (other.id === job.id ? job : other)) : [...this.list, job];
    this.list = list.sort((a, b) => a.order - b.order);
  }
}
