import { installApp } from '../../core/build/install-app';
import { withBuildSession, type BuildOptions } from '../build-session';
import { describeBuild } from './build-result';

export async function install(app: string, options: BuildOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const report = await installApp(checkoutDirectory, app, environment, job);
    terminal.result(describeBuild(report), report);
  });
}
