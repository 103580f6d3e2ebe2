import type { ViewId } from '../../contract/views.ts';

/** One step of the tour: a control of the window and what to know of it. */
export interface TourStep {
  /** The `data-tour` of the element that it points at. */
  readonly target: string;
  /** The view that has it. */
  readonly view: ViewId;
  readonly title: string;
  readonly text: string;
  /** What to say while the window does not show it. */
  readonly missing: string;
  /** Where the card is, beside the target. */
  readonly side: 'top' | 'right' | 'bottom' | 'left';
}

export const TOUR_STEPS: readonly TourStep[] = [
  {
    target: 'scatter',
    view: 'explore',
    title: 'Every point is an image',
    text: 'The model has turned each image into a code, and similar images lie close together. Click a point to choose its image.',
    missing: 'The points appear here when there are images and a trained model.',
    side: 'right',
  },
  {
    target: 'faces',
    view: 'explore',
    title: 'What the model makes of it',
    text: 'The original, its reconstruction, and the live decode: the image of the code at which the sliders are now.',
    missing: 'The faces appear here when there are images and a trained model.',
    side: 'left',
  },
  {
    target: 'dimensions',
    view: 'explore',
    title: 'Pull a slider, and the face changes',
    text: 'Each slider is one dimension of the code, or one of its independent axes. Those that carry most are at the top, named after what they change where that is known.',
    missing: 'The sliders appear here when there are images and a trained model.',
    side: 'left',
  },
  {
    target: 'add-images',
    view: 'data',
    title: 'Bring your own images',
    text: 'Add a folder, a zip or single images here, or drop them anywhere on the window. Your files stay as they are.',
    missing: 'Drop a folder, a zip or single images anywhere on the window. Your files stay as they are.',
    side: 'right',
  },
  {
    target: 'new-run',
    view: 'train',
    title: 'Train a model on them',
    text: 'Press + for a new run, choose what to train, and watch it learn. Help repeats this tour.',
    missing: 'New runs are started in this view. Help repeats this tour.',
    side: 'right',
  },
];
