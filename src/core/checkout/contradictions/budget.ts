import { budgetFile } from '../../budget/rules';
import { remedy, way } from '../../remedy';
import { declare, type OfApp } from './declaration';

/** A weight over a limit that somebody has set. */
interface OverBudget {
  /** What is, and what may be. */
  readonly said: string;
  /** Of the limit. */
  readonly key: string;
}

interface AppOverBudget extends OverBudget, OfApp {
  /** The rule is for this app alone, and not for all. */
  readonly isOwn: boolean;
}

const openRules = () => [{ kind: 'openFile', file: budgetFile } as const];
const foundOf = ({ said, key }: OverBudget) => `${said} ("${key}" in ${budgetFile})`;

/** What the rules say that a checkout is held to. */
export const ofBudget = {
  'app-over-budget': declare<AppOverBudget>({
    severity: 'warning',
    place: ({ app, key, isOwn }) => ({
      file: budgetFile,
      path: isOwn ? ['budget', 'apps', app, key] : ['budget', key],
    }),
    found: foundOf,
    remedy: ({ app }) =>
      remedy`Make it smaller (${way.newBase(app)} folds an overlay into the base), or raise the limit`,
    fixes: openRules,
  }),

  'revision-over-budget': declare<OverBudget>({
    severity: 'warning',
    place: ({ key }) => ({ file: budgetFile, path: ['budget', key] }),
    found: foundOf,
    remedy: () => 'Leave out of the revision what can come later, or raise the limit',
    fixes: openRules,
  }),

  /** A rule that holds nothing, as after a typing error. */
  'budget-without-app': declare<OfApp>({
    severity: 'warning',
    place: ({ app }) => ({ file: budgetFile, path: ['budget', 'apps', app] }),
    found: ({ app }) => `${budgetFile} has limits for ${app}, and there is no such app`,
    remedy: () => 'Correct its name, or remove the limits',
    fixes: openRules,
  }),
};
