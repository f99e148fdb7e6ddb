import type { App, Tracking } from '../../core/checkout/app';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { formatSize } from '../../core/presentation/size';
import { hashLargeFiles } from '../../core/use-cases/hash-large-files';
import { withBuildSession } from '../build-session';
import { contradictionLines, withSeverities } from '../contradictions';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { appSize, describeKind, imageOf } from './list';
import { requireApp } from './require-app';

export async function info(name: string, options: CommonOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const opened = new OpenedCheckout(checkoutDirectory);
    const { apps } = await hashLargeFiles(opened, { apps: [name] }, environment.pool, job);
    const app = requireApp(apps, name);
    terminal.result(describeApp(app), withSeverities(app));
  });
}

function describeApp(app: App): string {
  const { container, source } = app;
  const image = source.kind === 'docker' ? source.image : undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['app', app.name],
    ['kind', describeKind(app)],
    ['image', imageOf(app)],
    ['platform', image?.platform],
    ['base image', image?.digest],
    ['overlay image', image?.overlayDigest],
    ['looked for in', image?.sources.join(', ')],
    ['size', appSize(app)],
    ['group', container && `${container.group.name} (${container.group.from})`],
    ['status goal', describeSetting(container?.statusGoal)],
    ['restart policy', describeSetting(container?.restartPolicy)],
    ['signed by', app.signedBy.join(', ')],
  ];
  const known = facts.flatMap(([name, value]) => (value ? [[`${name}:`, value]] : []));
  const files = app.files.map(({ path, size, tracking }) => [
    `  ${path}`,
    formatSize(size),
    trackingWords[tracking],
  ]);
  const notes = contradictionLines(app.contradictions);
  return [formatTable(known), 'files:', formatTable(files, new Set([1])), ...notes].join('\n');
}

const trackingWords: Record<Tracking, string> = {
  unchanged: 'unchanged',
  changed: 'changed',
  'not-compared': 'not compared yet',
  added: 'added',
  untracked: 'untracked',
};

function describeSetting(
  setting: { readonly value: string; readonly from: string } | undefined,
): string | undefined {
  return setting && `${setting.value} (${setting.from})`;
}
