import type { CheckoutModel } from '../model/checkout-model';

/** Which of the view's welcome pages to show; with `apps` there is none, but the tree. */
export type AppsViewState = 'loading' | 'noFolder' | 'noCheckout' | 'empty' | 'broken' | 'apps';

export interface ViewSituation {
  readonly hasFolders: boolean;
  /** Whether the search for checkouts has ended. */
  readonly areFound: boolean;
  readonly checkouts: readonly Pick<CheckoutModel, 'state'>[];
}

/** With several checkouts the tree shows each of them, also those that are empty or broken. */
export function viewStateOf({ hasFolders, areFound, checkouts }: ViewSituation): AppsViewState {
  if (!hasFolders) return 'noFolder';
  if (!areFound) return 'loading';
  if (checkouts.length > 1) return 'apps';
  const [only] = checkouts;
  if (only === undefined) return 'noCheckout';
  switch (only.state.kind) {
    case 'unread':
      return 'loading';
    case 'broken':
      return 'broken';
    case 'read': {
      const { apps, parts, contradictions } = only.state.checkout;
      const isEmpty = [apps, contradictions, parts.filter(({ files }) => files.length > 0)].every(
        ({ length }) => length === 0,
      );
      return isEmpty ? 'empty' : 'apps';
    }
  }
}
