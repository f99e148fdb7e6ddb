import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { membersOf } from '../../core/checkout/state';
import { stringifyCanonical } from '../../core/json/canonical';
import { indentCompact, stringifyIndented } from '../../core/json/indented';
import { withSortedKeys } from '../../core/json/key-order';
import { selectMembers } from '../../core/revision/fragments';
import { openSource } from '../../core/revision/source';
import { nextState, readWorkingRevision } from '../../core/revision/working-revision';
import { withRevisionSession } from '../revision-session';
import { type CommonOptions, currentFolder, openCheckoutSession, openSession } from '../session';

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

/** Prints the state that was committed last, here or in what is named, or parts of that. */
export async function inspect(
  reference: string | undefined,
  { canonical, ...options }: StateOptions,
): Promise<void> {
  const { state, terminal } = await (reference === undefined
    ? ownState(options)
    : stateIn(reference, options));
  terminal.document(
    canonical
      ? stringifyCanonical(state)
      : stringifyIndented(withSortedKeys(state), { prefix: '', indent: '\t' }),
  );
}

async function ownState(options: CommonOptions) {
  const { checkoutDirectory, terminal } = await openCheckoutSession(options);
  return { terminal, state: membersOf(await new OpenedCheckout(checkoutDirectory).state()) };
}

async function stateIn(reference: string, options: CommonOptions) {
  const { terminal, job } = openSession(options);
  const { members, fragments, name } = await openSource(reference, currentFolder(), job.signal);
  return { terminal, state: selectMembers(members, fragments, name) };
}
