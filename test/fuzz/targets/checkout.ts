import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
import { Problem } from '../../../src/core/problem';
import { hostileCheckouts, type CheckoutFiles } from '../hostile/checkouts';
import type { Target } from '../target';
import { hostileText, varyJson } from '../vary-json';

export const target: Target = {
  seeds: () =>
    Promise.resolve(
      Object.fromEntries(Object.entries(hostileCheckouts).map(([name, files]) => [name, textOf(files)])),
    ),
  vary(input, others, random) {
    const files = filesIn(input);
    const file = random.pickFrom(Object.keys(files).filter((name) => !name.includes('.squashfs')));
    if (file === undefined) return input;
    const choice = random.below(20);
    if (choice === 0) return textOf({ ...files, ...filesIn(random.pickFrom(others) ?? input) });
    if (choice === 1) return textOf({ ...files, [file]: hostileText(random) });
    if (choice === 2)
      return textOf(Object.fromEntries(Object.entries(files).filter(([name]) => name !== file)));
    return textOf({ ...files, [file]: varyJson(files[file] ?? '', random) });
  },
  async read(input, folder) {
    const checkout = path.join(folder, 'checkout');
    const outside = path.join(folder, 'outside');
    await writeFile(outside, 'precious');
    await write(checkout, filesIn(input));
    const { apps, groups } = await readCheckout(checkout);
    for (const { name } of apps) await expectingProblems(() => updateApp(checkout, name, groups));
    await expectingProblems(() => recover(checkout));
    if ((await readFile(outside, 'utf8')) !== 'precious') throw new Error('a file outside was changed');
  },
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

/** One reader's refusal doesn't keep the next from its turn. */
async function expectingProblems(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

async function write(checkout: string, files: CheckoutFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(checkout, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

function textOf(files: CheckoutFiles): Buffer {
  return Buffer.from(JSON.stringify(files, undefined, 1), 'utf8');
}

function filesIn(input: Buffer): CheckoutFiles {
  return JSON.parse(input.toString('utf8')) as CheckoutFiles;
}
