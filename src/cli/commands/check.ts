import { readCheckout } from '../../core/checkout/checkout';
import { mayBeMadeFromImage } from '../../core/checkout/made-from-image';
import { Problem } from '../../core/problem';
import { inTerminalWords } from '../../core/remedy';
import { checkImages, type ImageCheck } from '../../core/use-cases/check-images';
import { withBuildSession } from '../build-session';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { noAppFromImage } from './build-result';
import { requireApp } from './list';

/** @param names the apps; all that are made from docker images when there are none. */
export async function check(names: readonly string[], options: CommonOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const { apps } = await readCheckout(checkoutDirectory);
    for (const name of names) requireApp(apps, name);
    const checks = await checkImages(
      checkoutDirectory,
      names.length > 0 ? names : apps.filter(mayBeMadeFromImage).map(({ name }) => name),
      environment,
      job,
    );
    terminal.result(describeChecks(checks), checks);
    requireAnswers(checks);
  });
}

function describeChecks(checks: readonly ImageCheck[]): string {
  if (checks.length === 0) return noAppFromImage;
  const rows = checks.map((one) => [one.app, one.reference, describeCheck(one)]);
  const notes = checks.flatMap((one) =>
    one.state === 'failed' ? `! ${one.app}: ${one.found}. ${inTerminalWords(one.remedy)}.` : [],
  );
  return [formatTable([['APP', 'IMAGE', 'STATE'], ...rows]), ...notes].join('\n');
}

function describeCheck(check: ImageCheck): string {
  switch (check.state) {
    case 'current':
      return 'up to date';
    case 'moved':
      return `moved to ${check.current}; pvx app update ${check.app}`;
    case 'failed':
      return 'could not be checked';
  }
}

/** Who asks in a script must not take silence for "up to date". */
function requireAnswers(checks: readonly ImageCheck[]): void {
  const failed = checks.filter(({ state }) => state === 'failed').map(({ app }) => app);
  if (failed.length === 0) return;
  throw new Problem({
    doing: 'checking for newer images',
    found: `${failed.join(', ')} could not be checked`,
    remedy: 'Do what the result says for each, then check again',
  });
}
