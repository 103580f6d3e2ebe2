/** The part of an official split that an image belongs to. */
export type SplitRole = 'train' | 'validation' | 'test';

const WORDS: Readonly<Record<SplitRole, readonly string[]>> = {
  train: ['train', 'training', 'trainset', 'train_set', 'trn', 'training_set'],
  validation: [
    'val',
    'valid',
    'validation',
    'dev',
    'development',
    'valset',
    'val_set',
    'validation_set',
    'publictest',
  ],
  test: ['test', 'testing', 'tst', 'eval', 'evaluation', 'testset', 'test_set', 'privatetest'],
};

const ROLE_OF = new Map(
  (Object.keys(WORDS) as SplitRole[]).flatMap((role) => WORDS[role].map((word) => [word, role] as const)),
);

/** The part of a split that a word names: `val`, `valid`, `validation` and `dev` are the same; undefined for other words. */
export function splitRole(word: string): SplitRole | undefined {
  return ROLE_OF.get(word.trim().toLowerCase().replaceAll('-', '_'));
}
