import type { App } from '../checkout/app';
import { pathsOfApp } from '../checkout/app-removal';
import { readCheckout, type Checkout } from '../checkout/checkout';
import { filesAt } from '../checkout/checkout-files';
import type { Job } from '../job';
import { Problem } from '../problem';
import { changeCheckout } from './change-checkout';
import { impactOn, type Impact } from './impact';

export interface RemovalReport extends Impact {
  readonly app: string;
}

/**
 * Removes an app with its `_config` and its signatures. pvr leaves those behind, and a device refuses the revision for a
 * signature without files (applib.go, RemoveApplication).
 *
 * @param options.force also when other apps extend its base, which then have none.
 * @throws Problem, and the checkout is as it was.
 */
export async function removeApp(
  checkoutDirectory: string,
  app: string,
  { force }: { readonly force: boolean },
  job: Job,
): Promise<RemovalReport> {
  const { result, changedFiles } = await changeCheckout(
    checkoutDirectory,
    { what: `removing ${app}` },
    job,
    async (transaction) => {
      const checkout = await readCheckout(checkoutDirectory);
      const { dependants } = requireApp(checkout, app);
      if (dependants.length > 0 && !force) throw hasDependants(app, dependants);
      const paths = pathsOfApp(checkout, app);
      for (const path of paths) transaction.remove(path);
      const { tracked, untracked } = filesAt(checkout, paths);
      // pvr removes the whole folder, too; but no commit can bring these back.
      if (untracked.length > 0) job.warn(`removing what pvr does not track, too: ${untracked.join(', ')}`);
      // Afterwards nobody can tell any more which files there were, and which policy the container had.
      return impactOn(checkout, tracked);
    },
  );
  const staleSignatures = result.staleSignatures.filter((file) => !changedFiles.includes(file));
  return { app, ...result, changedFiles, staleSignatures };
}

function requireApp({ apps }: Checkout, name: string): App {
  const app = apps.find((one) => one.name === name);
  if (app !== undefined) return app;
  throw new Problem({
    doing: `removing ${name}`,
    found: 'there is no such app',
    remedy: 'Check the name against pvx app ls',
  });
}

function hasDependants(app: string, dependants: readonly string[]): Problem {
  return new Problem({
    doing: `removing ${app}`,
    found: `${dependants.join(', ')} ${dependants.length === 1 ? 'extends' : 'extend'} its base, and cannot run without it`,
    remedy: `Remove ${dependants.join(', ')} first, or use --force`,
  });
}
