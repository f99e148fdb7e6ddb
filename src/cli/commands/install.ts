import { readCheckout } from '../../core/checkout/checkout';
import { installApp } from '../../core/use-cases/install-app';
import { withBuildSession, type BuildOptions } from '../build-session';
import { printBuild } from './build-result';
import { warnOfSignatures } from './warn-of-signatures';

export interface InstallOptions extends BuildOptions {
  readonly source?: string;
}

export async function install(app: string, options: InstallOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const { apps } = await readCheckout(checkoutDirectory);
    warnOfSignatures(apps, [{ app, isNewBase: false }], job);
    const request = { app, sources: options.source };
    const report = await installApp(checkoutDirectory, request, environment, job);
    printBuild(terminal, report);
  });
}
