import { parseVolumes } from '../../core/checkout/manifests/volumes';
import { addApp } from '../../core/use-cases/add-app';
import { withBuildSession, type BuildOptions } from '../build-session';
import { printBuild } from './build-result';

export interface AddOptions extends BuildOptions {
  readonly from: string;
  readonly base?: string;
  readonly source?: string;
  readonly platform?: string;
  readonly group?: string;
  readonly statusGoal?: string;
  readonly restartPolicy?: string;
  readonly volume: readonly string[];
  readonly arg: Readonly<Record<string, string>>;
  readonly formatOptions?: string;
}

export async function add(app: string, options: AddOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const request = {
      app,
      reference: options.from,
      base: options.base,
      sources: options.source,
      platform: options.platform,
      group: options.group,
      statusGoal: options.statusGoal,
      restartPolicy: options.restartPolicy,
      volumes: Object.fromEntries(parseVolumes(options.volume)),
      args: options.arg,
      formatOptions: options.formatOptions,
    };
    const report = await addApp(checkoutDirectory, request, environment, job);
    printBuild(terminal, report);
  });
}
