/**
 * What V8 8.3 lacks of today's JavaScript, for main, preload and renderer alike. Garbage cannot be watched from
 * JavaScript, so the stand-ins for weak references are strong: in a test that lives for minutes nothing comes of it.
 */
import 'core-js/actual';
import './abort.ts';

class StrongRef<T extends WeakKey> {
  readonly #target: T;
  constructor(target: T) {
    this.#target = target;
  }
  deref(): T {
    return this.#target;
  }
}

/** Nothing is ever collected, so nothing is ever reported. */
class SilentRegistry {
  register(): void {
    return undefined;
  }
  unregister(): boolean {
    return false;
  }
}

const missing: Record<string, unknown> = {
  WeakRef: StrongRef,
  FinalizationRegistry: SilentRegistry,
};
for (const [name, value] of Object.entries(missing)) {
  if (!(name in globalThis))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
