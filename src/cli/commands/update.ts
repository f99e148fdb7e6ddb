import { updateApp, type UpdateKind } from '../../core/use-cases/update-app';
import { withBuildSession, type BuildOptions } from '../build-session';
import { printBuild } from './build-result';
import { warnOfSignatures } from './warn-of-signatures';

export interface UpdateOptions extends BuildOptions {
  readonly patch?: true;
  readonly newbase?: true;
  readonly from?: string;
  readonly source?: string;
  readonly platform?: string;
  readonly dryRun?: true;
}

export async function update(app: string, options: UpdateOptions): Promise<void> {
  await withBuildSession(options, async (session) => {
    const { checkoutDirectory, environment, job, terminal } = session;
    await warnOfSignatures(session, app, { isNewBase: options.newbase ?? false });
    const request = {
      app,
      kind: kindOf(options),
      reference: options.from,
      sources: options.source,
      platform: options.platform,
      isPreview: options.dryRun ?? false,
    };
    const report = await updateApp(checkoutDirectory, request, environment, job);
    printBuild(terminal, report);
  });
}

function kindOf({ patch, newbase }: UpdateOptions): UpdateKind {
  if (patch) return 'patch';
  return newbase ? 'new-base' : 'automatic';
}
