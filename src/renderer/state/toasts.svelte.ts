import { errorPayload, type ErrorPayload } from '../../contract/errors.ts';

/** What a person can do about a message. */
export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  readonly kind: 'info' | 'warning' | 'error';
  /** One sentence. */
  readonly message: string;
  readonly hint?: string;
  readonly action?: ToastAction;
  /** How long it is shown; its action can be chosen until then. The usual time if left out. */
  readonly shownMs?: number;
}

const SHOWN_MS = 8000;
/** An error has a hint to be read as well. */
const ERROR_SHOWN_MS = 30_000;

/** Sentences at the foot of the window. */
export class Toasts {
  list = $state<readonly Toast[]>([]);
  #lastId = 0;

  show(toast: Omit<Toast, 'id'>): void {
    const id = (this.#lastId += 1);
    // The same sentence twice is one sentence, unless each can undo something else.
    const isSame = ({ message }: Toast): boolean => toast.shownMs === undefined && message === toast.message;
    this.list = [...this.list.filter((shown) => !isSame(shown)), { ...toast, id }];
    const usual = toast.kind === 'error' ? ERROR_SHOWN_MS : SHOWN_MS;
    setTimeout(() => this.dismiss(id), toast.shownMs ?? usual);
  }

  /** Says what went wrong; what a person stopped themselves needs no words. */
  fail(error: unknown, action?: ToastAction): void {
    const { code, message, hint }: ErrorPayload = errorPayload(error);
    if (code === 'cancelled') return;
    this.show({
      kind: 'error',
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(action ? { action } : {}),
    });
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
