/** What the queue needs to know about a request. */
export interface QueuedRequest {
  /** The number of the client that sent it. */
  readonly client: number;
  /** Whether it computes for long or takes much memory. */
  readonly isHeavy: boolean;
}

/** Maximum numbers of requests that may be running. */
export interface QueueLimits {
  readonly ofClient: number;
  readonly ofAll: number;
  readonly heavyOfClient: number;
  readonly heavyOfAll: number;
}

/** The engine computes one request at a time; more running requests would only take memory. */
const LIMITS: QueueLimits = { ofClient: 8, ofAll: 32, heavyOfClient: 1, heavyOfAll: 2 };

/**
 * Requests that wait for the engine. The clients take turns, and each may have a limited number of requests running, so
 * that one client cannot block the others.
 */
export class RequestQueue<T extends QueuedRequest> {
  readonly #limits: QueueLimits;
  /** Waiting requests by client, in the order of the clients' turns. */
  readonly #waiting = new Map<number, T[]>();
  readonly #running = new Set<T>();

  constructor(limits: QueueLimits = LIMITS) {
    this.#limits = limits;
  }

  add(request: T): void {
    const own = this.#waiting.get(request.client) ?? [];
    own.push(request);
    this.#waiting.set(request.client, own);
  }

  /** Returns the next request to send and counts it as running; undefined where none may be sent. */
  take(): T | undefined {
    for (const [client, requests] of this.#waiting) {
      const place = requests.findIndex((request) => this.#hasRoomFor(request));
      if (place < 0) continue;
      const [taken] = requests.splice(place, 1);
      // The client moves to the end of the order if it has more requests.
      this.#waiting.delete(client);
      if (requests.length > 0) this.#waiting.set(client, requests);
      this.#running.add(taken!);
      return taken;
    }
    return undefined;
  }

  /** Removes a request that was answered or cancelled. */
  remove(request: T): void {
    if (this.#running.delete(request)) return;
    const rest = this.#waiting.get(request.client)?.filter((other) => other !== request) ?? [];
    if (rest.length > 0) this.#waiting.set(request.client, rest);
    else this.#waiting.delete(request.client);
  }

  /** Marks every running request as not running, because the engine has ended. */
  reset(): void {
    this.#running.clear();
  }

  clear(): void {
    this.reset();
    this.#waiting.clear();
  }

  #hasRoomFor({ client, isHeavy }: T): boolean {
    const { ofClient, ofAll, heavyOfClient, heavyOfAll } = this.#limits;
    const all = [...this.#running];
    const own = all.filter((other) => other.client === client);
    if (all.length >= ofAll || own.length >= ofClient) return false;
    const heavy = (requests: readonly T[]): number => requests.filter((other) => other.isHeavy).length;
    return !isHeavy || (heavy(all) < heavyOfAll && heavy(own) < heavyOfClient);
  }
}
