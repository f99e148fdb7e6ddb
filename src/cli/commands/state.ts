import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { stringifyCanonical } from '../../core/json/canonical';
import { indentCompact, stringifyIndented } from '../../core/json/indented';
import { withSortedKeys } from '../../core/json/key-order';
import { nextState, readWorkingRevision } from '../../core/revision/working-revision';
import { withRevisionSession } from '../revision-session';
import { type CommonOptions, openCheckoutSession } from '../session';
import { membersOf } from './diff';

export interface StateOptions extends CommonOptions {
  readonly canonical?: true;
}

/** Prints the state that the next commit would write. */
export async function workingState({ canonical, ...options }: StateOptions): Promise<void> {
  await withRevisionSession(options, async ({ checkoutDirectory, hasher, job, terminal }) => {
    const checkout = new OpenedCheckout(checkoutDirectory);
    const revision = await readWorkingRevision(checkout, hasher, job);
    for (const file of revision.files) if (file.standing === 'broken') throw file.problem;
    const text = stringifyCanonical(nextState(revision, (await checkout.state()).entries));
    terminal.document(canonical ? text : indentCompact(text, '\t'));
  });
}

/** Prints the state that was committed last. */
export async function inspect({ canonical, ...options }: StateOptions): Promise<void> {
  const { checkoutDirectory, terminal } = await openCheckoutSession(options);
  const state = membersOf(await new OpenedCheckout(checkoutDirectory).state());
  terminal.document(
    canonical
      ? stringifyCanonical(state)
      : stringifyIndented(withSortedKeys(state), { prefix: '', indent: '\t' }),
  );
}
