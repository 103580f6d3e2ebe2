/** What the queue has to know of a request. */
export interface QueuedRequest {
  /** Who asks. */
  readonly client: number;
  /** Whether it computes for long or takes much memory. */
  readonly isHeavy: boolean;
}

/** How many requests may be under way. */
export interface QueueLimits {
  readonly ofClient: number;
  readonly ofAll: number;
  readonly heavyOfClient: number;
  readonly heavyOfAll: number;
}

/** The engine computes one thing at a time anyway: more under way would only take memory. */
const LIMITS: QueueLimits = { ofClient: 8, ofAll: 32, heavyOfClient: 1, heavyOfAll: 2 };

/**
 * Requests that wait for the engine. Clients have their turn one after the other, and each has a bounded number of
 * requests under way, so that whatever one client asks for, the others' requests go on.
 */
export class RequestQueue<T extends QueuedRequest> {
  readonly #limits: QueueLimits;
  /** By client, the one whose turn is next first. */
  readonly #waiting = new Map<number, T[]>();
  readonly #underWay = new Set<T>();

  constructor(limits: QueueLimits = LIMITS) {
    this.#limits = limits;
  }

  add(request: T): void {
    const own = this.#waiting.get(request.client) ?? [];
    own.push(request);
    this.#waiting.set(request.client, own);
  }

  /** The request that may be sent next, which is under way from then on; undefined where none may. */
  take(): T | undefined {
    for (const [client, requests] of this.#waiting) {
      const place = requests.findIndex((request) => this.#hasRoomFor(request));
      if (place < 0) continue;
      const [taken] = requests.splice(place, 1);
      // To the end of the line, or out of it.
      this.#waiting.delete(client);
      if (requests.length > 0) this.#waiting.set(client, requests);
      this.#underWay.add(taken!);
      return taken;
    }
    return undefined;
  }

  /** Forgets a request: it has its answer, or nobody waits for it any more. */
  remove(request: T): void {
    if (this.#underWay.delete(request)) return;
    const rest = this.#waiting.get(request.client)?.filter((other) => other !== request) ?? [];
    if (rest.length > 0) this.#waiting.set(request.client, rest);
    else this.#waiting.delete(request.client);
  }

  /** Nothing is under way any more: the engine has ended. */
  reset(): void {
    this.#underWay.clear();
  }

  clear(): void {
    this.reset();
    this.#waiting.clear();
  }

  #hasRoomFor({ client, isHeavy }: T): boolean {
    const { ofClient, ofAll, heavyOfClient, heavyOfAll } = this.#limits;
    const all = [...this.#underWay];
    const own = all.filter((other) => other.client === client);
    if (all.length >= ofAll || own.length >= ofClient) return false;
    const heavy = (requests: readonly T[]): number => requests.filter((other) => other.isHeavy).length;
    return !isHeavy || (heavy(all) < heavyOfAll && heavy(own) < heavyOfClient);
  }
}
