import type { Handlers } from '../../contract/serve.ts';

/** Everything that the engine answers: to clients through the host, and to the host itself. */
export type EngineHandlers = Handlers<'engine'> & Handlers<'internal'>;
