/** A handler whose answers wait until a test lets them go, in any order. */
export interface Held<Input, Output> {
  readonly handler: (input: Input) => Promise<Output>;
  /** What was asked, in the order of asking. */
  readonly asked: readonly Input[];
  /** Answers the ask of this number, from 0 on. */
  readonly answer: (ask: number) => Promise<void>;
  /** Refuses the ask of this number. */
  readonly refuse: (ask: number, error: Error) => Promise<void>;
}

/** @param answerTo - what is answered, once it is let go */
export function held<Input, Output>(answerTo: (input: Input, asker: never) => Output): Held<Input, Output> {
  const asked: Input[] = [];
  const ends: { resolve: (output: Output) => void; reject: (error: Error) => void }[] = [];
  return {
    asked,
    handler: (input) => {
      asked.push(input);
      return new Promise((resolve, reject) => ends.push({ resolve, reject }));
    },
    answer: async (ask) => {
      ends[ask]!.resolve(answerTo(asked[ask]!, undefined as never));
      await passed();
    },
    refuse: async (ask, error) => {
      ends[ask]!.reject(error);
      await passed();
    },
  };
}

/** After every message that is on its way has come: each takes some turns of microtasks. */
export async function passed(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}
