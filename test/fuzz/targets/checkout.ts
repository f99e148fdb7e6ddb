import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { recover } from '../../../src/core/checkout/change/recover';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { defaultGroupForTemplate, type Groups } from '../../../src/core/checkout/manifests/groups';
import {
  readSourceManifest,
  sourceManifestText,
  withFields,
} from '../../../src/core/checkout/manifests/source-manifest';
import { updateRunFiles } from '../../../src/core/checkout/update/run-files';
import { expectingProblems, inCheckout, seedsOf, varyFiles } from '../checkout-input';
import { hostileCheckouts } from '../hostile/checkouts';
import type { Target } from '../target';

export const target: Target = {
  seeds: () => Promise.resolve(seedsOf(hostileCheckouts)),
  vary: (input, others, random) => varyFiles(input, others, random, (name) => !name.includes('.squashfs')),
  read: (input, folder) =>
    inCheckout(input, folder, async (checkout) => {
      const { apps, groups } = await readCheckout(checkout);
      for (const { name } of apps) await expectingProblems(() => updateApp(checkout, name, groups));
      await expectingProblems(() => recover(checkout));
    }),
};

/** What an update makes of the small files of an app, whatever these say. */
async function updateApp(checkout: string, app: string, groups: Groups): Promise<void> {
  const file = `${app}/src.json`;
  const text = async (name: string) =>
    readFile(path.join(checkout, app, name), 'utf8').catch(() => undefined);
  const before = readSourceManifest((await text('src.json')) ?? '{}', file);
  const after = withFields(before, { docker_digest: 'app@sha256:1', docker_ovl_digest: 'app@sha256:2' });
  readSourceManifest(sourceManifestText(after), file);
  updateRunFiles({
    app,
    defaultGroup: defaultGroupForTemplate(groups),
    before: {
      manifest: before,
      runJson: await text('run.json'),
      lxcContainerConf: await text('lxc.container.conf'),
    },
    after: { manifest: after },
  });
}
