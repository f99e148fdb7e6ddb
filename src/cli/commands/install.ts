import { installApp } from '../../core/use-cases/install-app';
import { withBuildSession, type BuildOptions } from '../build-session';
import { printBuild } from './build-result';
import { warnOfSignatures } from './warn-of-signatures';

export interface InstallOptions extends BuildOptions {
  readonly source?: string;
}

export async function install(app: string, options: InstallOptions): Promise<void> {
  await withBuildSession(options, async (session) => {
    const { checkoutDirectory, environment, job, terminal } = session;
    await warnOfSignatures(session, app, { isNewBase: false });
    const request = { app, sources: options.source };
    const report = await installApp(checkoutDirectory, request, environment, job);
    printBuild(terminal, report);
  });
}
