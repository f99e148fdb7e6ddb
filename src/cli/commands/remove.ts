import type { RemovalRequest } from '../../core/use-cases/plan-removal';
import { removeApp, type RemovalReport } from '../../core/use-cases/remove-app';
import { openCheckoutSession, type CommonOptions } from '../session';
import { describeRestart } from './build-result';

export interface RemoveOptions extends CommonOptions {
  readonly withDependants?: true;
  readonly force?: true;
}

export async function remove(app: string, options: RemoveOptions): Promise<void> {
  const { checkoutDirectory, job, terminal } = await openCheckoutSession(options);
  const report = await removeApp(checkoutDirectory, { app, dependants: wishFor(options) }, job);
  const lines = [
    `Removed ${report.changedFiles.join(', ')}. ${describeStop(report.restart)}`,
    ...report.staleSignatures.map(
      (file) => `${file} no longer fits: commit, then sign again with pvx sig update, and commit that.`,
    ),
  ];
  terminal.result(lines.join('\n'), report, { hasChanged: true });
}

function wishFor({ withDependants, force }: RemoveOptions): RemovalRequest['dependants'] {
  if (withDependants) return 'remove';
  return force ? 'keep' : 'refuse';
}

/** A container that is gone doesn't restart. */
function describeStop(restart: RemovalReport['restart']): string {
  return restart.effect === 'container'
    ? 'A device stops it, and does not reboot.'
    : describeRestart('A device', restart);
}
