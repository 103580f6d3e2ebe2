import * as v from 'valibot';

/** What a person wants of a training. A goal becomes a config by {@link planGoal} in `plan.ts`. */
export const GoalSchema = v.picklist(['quick', 'pictures', 'disentangle', 'paper']);
export type Goal = v.InferOutput<typeof GoalSchema>;

/** How a goal is presented. */
export interface GoalDescription {
  readonly title: string;
  /** What comes out, in a short clause. */
  readonly summary: string;
  /** The time that the goal may take, in seconds; undefined where its epochs are fixed. */
  readonly budgetSeconds?: number;
}

const DESCRIPTIONS: Readonly<Record<Goal, GoalDescription>> = {
  quick: {
    title: 'Quick look',
    summary: 'a VAE with recognisable pictures, soon',
    budgetSeconds: 120,
  },
  pictures: {
    title: 'Good pictures',
    summary: 'residual blocks, a fitted variance and more time: sharper pictures',
    budgetSeconds: 30 * 60,
  },
  disentangle: {
    title: 'Disentangle',
    summary: 'few dimensions that vary independently of each other',
    budgetSeconds: 15 * 60,
  },
  paper: {
    title: 'The paper’s settings',
    summary: 'its four models, as published',
  },
};

/** The title, the explanation and the time budget of a goal. */
export function describeGoal(goal: Goal): GoalDescription {
  return DESCRIPTIONS[goal];
}
