import { brokenIn, describeVerdict, judge, strangersIn, type Weights } from '../../budget/judge';
import { limitKeys, type Rule } from '../../budget/rules';
import type { Contradiction } from '../contradictions/contradictions';

/** What breaks the rules that the checkout is held to. @returns by name of the app; undefined: of the checkout as a whole. */
export function findBudgetContradictions(
  rules: readonly Rule[],
  weights: Weights,
): ReadonlyMap<string | undefined, readonly Contradiction[]> {
  const names = weights.apps.map(({ name }) => name);
  const strangers = strangersIn(rules, names).map(
    (app) => [undefined, { kind: 'budget-without-app', app }] as const,
  );
  const broken = brokenIn(judge(rules, weights)).map(
    (verdict): readonly [string | undefined, Contradiction] => {
      const { rule, app } = verdict;
      const facts = { said: describeVerdict(verdict), key: limitKeys[rule.measure] };
      if (app === undefined) return [app, { kind: 'revision-over-budget', ...facts }];
      return [app, { kind: 'app-over-budget', app, isOwn: rule.app !== undefined, ...facts }];
    },
  );
  const found = new Map<string | undefined, Contradiction[]>();
  for (const [app, contradiction] of [...strangers, ...broken])
    found.set(app, [...(found.get(app) ?? []), contradiction]);
  return found;
}
