import { installApp } from '../../core/build/install-app';
import { withBuildSession, type BuildOptions } from '../build-session';
import { printBuild } from './build-result';
import { warnOfSignatures } from './warn-of-signatures';

export async function install(app: string, options: BuildOptions): Promise<void> {
  await withBuildSession(options, async (session) => {
    const { checkoutDirectory, environment, job, terminal } = session;
    await warnOfSignatures(session, app, { isNewBase: false });
    const report = await installApp(checkoutDirectory, app, environment, job);
    printBuild(terminal, report);
  });
}
