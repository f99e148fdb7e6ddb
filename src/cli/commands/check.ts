import { checkImages, type ImageCheck } from '../../core/build/check-images';
import { readCheckout } from '../../core/checkout/checkout';
import { formatTable } from '../../core/presentation/table';
import { withBuildSession } from '../build-session';
import { type CommonOptions } from '../session';

/** @param names the apps; all that are made from docker images when there are none. */
export async function check(names: readonly string[], options: CommonOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const apps = names.length > 0 ? names : await dockerApps(checkoutDirectory);
    const checks = await checkImages(checkoutDirectory, apps, environment, job);
    const table =
      checks.length === 0
        ? 'There is no app that is made from a docker image.'
        : formatTable(checks.map((one) => [one.app, one.reference, describeCheck(one)]));
    terminal.result(table, checks);
  });
}

async function dockerApps(checkoutDirectory: string): Promise<readonly string[]> {
  const { apps } = await readCheckout(checkoutDirectory);
  return apps.filter(({ source }) => source.kind === 'docker').map(({ name }) => name);
}

function describeCheck(check: ImageCheck): string {
  switch (check.state) {
    case 'current':
      return 'up to date';
    case 'moved':
      return `moved to ${check.current}; pvx app update ${check.app}`;
    case 'failed':
      return `could not be checked: ${check.found}. ${check.remedy}`;
  }
}
