import type { Disposable } from './event';

export interface Debounced extends Disposable {
  (): void;
}

/** Calls `work` once, `milliseconds` after the last of many calls. */
export function debounce(work: () => void, milliseconds: number): Debounced {
  let timer: NodeJS.Timeout | undefined;
  const call = () => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
