import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { addApp } from '../../../src/core/use-cases/add-app';
import { compareFormats } from '../../../src/core/use-cases/compare-formats';
import { kernelNeeds, otherFormats } from '../../../src/core/use-cases/steps/formats-to-compare';
import { updateApp, type UpdateKind } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { callsOf } from '../squashfs/machine-code';
import { text } from '../squashfs/memory-tree';
import { Workshop } from './workshop';

const v1 = makeImage([
  makeLayer([
    { path: 'bin/app', kind: 'file', content: callsOf('arm64', 300_000) },
    { path: 'etc/conf', kind: 'file', content: 'conf 1\n' },
  ]),
]);
const v2 = derive(v1, [
  { path: 'bin/more', kind: 'file', content: callsOf('arm64', 400_000) },
  { path: 'etc/conf', kind: 'file', content: text(20_000) },
]);

describe('compareFormats', () => {
  let workshop: Workshop;
  let sources: string;
  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2 });
    await addApp(
      workshop.checkout,
      { app: 'web', reference: 'localhost:1/web:v1', sources, formatOptions: '-comp xz -e lib/modules' },
      workshop.environment,
      workshop.job(),
    );
  });
  afterEach(() => workshop.close());

  const request = (kind: UpdateKind) => ({ app: 'web', kind, reference: 'localhost:1/web:v2', sources });
  const compare = (kind: UpdateKind, job = workshop.job()) =>
    compareFormats(workshop.checkout, request(kind), workshop.environment, job);

  for (const kind of ['patch', 'new-base'] as const) {
    it(`weighs what a build in each form would weigh: ${kind}`, async () => {
      const { forms, kind: file, app } = await compare(kind);
      assert.deepEqual([app, file], ['web', kind === 'patch' ? 'overlay' : 'base']);
      assert.deepEqual(
        new Set(forms.map(({ formatOptions }) => formatOptions.replace(' -e lib/modules', ''))),
        new Set([
          '-comp xz -b 128K',
          '-comp xz -b 1M',
          '-comp xz -b 128K -Xbcj arm64',
          '-comp xz -b 1M -Xbcj arm64',
          '-comp gzip -b 128K -Xcompression-level 9',
          '-comp zstd -b 128K -Xcompression-level 19',
          '-comp zstd -b 1M -Xcompression-level 22',
        ]),
      );
      assert.deepEqual(
        forms.filter(({ isPresent }) => isPresent).map(({ formatOptions }) => formatOptions),
        ['-comp xz -b 128K -e lib/modules'],
      );
      const sizes = forms.map(({ size }) => size);
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => a - b),
      );

      const manifest = path.join(workshop.checkout, 'web/src.json');
      const source = JSON.parse(await readFile(manifest, 'utf8')) as object;
      for (const { formatOptions, size } of forms) {
        await writeFile(manifest, JSON.stringify({ ...source, format_options: formatOptions }));
        const preview = { ...request(kind), isPreview: true };
        const { built } = await updateApp(workshop.checkout, preview, workshop.environment, workshop.job());
        assert.equal(built[0]?.size, size, formatOptions);
      }
    });
  }

  it('changes nothing, and can be stopped', async () => {
    const before = await workshop.text('web/src.json');
    const stop = new AbortController();
    const job = {
      ...workshop.job(stop.signal),
      progress: (phase: string) => phase === 'compress' && stop.abort(),
    };
    await assert.rejects(compare('new-base', job), { name: 'AbortError' });
    await compare('patch');
    assert.equal(await workshop.text('web/src.json'), before);
    assert.equal(await workshop.text('web/root.ovl.squashfs'), undefined);
  });

  it('tells progress that only grows', async () => {
    let last = 0;
    const job = {
      ...workshop.job(),
      progress: (phase: string, done: number, total: number | undefined) => {
        if (phase !== 'compress' || total === undefined) return;
        assert.ok(done / total >= last && done <= total);
        last = done / total;
      },
    };
    await compare('patch', job);
    assert.equal(last, 1);
  });
});

describe('the formats that are compared', () => {
  it("have the filters of the image's architecture", () => {
    const filtersOf = (architecture: string | undefined) =>
      otherFormats(architecture).flatMap(({ compression }) =>
        'filters' in compression ? [compression.filters] : [],
      );
    assert.deepEqual(filtersOf('amd64'), [['x86'], ['x86']]);
    assert.deepEqual(filtersOf('386'), [['x86'], ['x86']]);
    assert.deepEqual(filtersOf('arm'), [
      ['arm', 'armthumb'],
      ['arm', 'armthumb'],
    ]);
    assert.deepEqual(filtersOf('arm64'), [['arm64'], ['arm64']]);
    assert.deepEqual(filtersOf('ppc64'), [['powerpc'], ['powerpc']]);
    assert.deepEqual(filtersOf('riscv64'), []);
    assert.deepEqual(filtersOf(undefined), []);
  });

  it('say what they ask of a kernel', () => {
    assert.deepEqual(
      kernelNeeds({ compression: { compressor: 'xz', filters: ['arm64'] }, blockSize: 1048576 }),
      {
        options: ['CONFIG_SQUASHFS_XZ', 'CONFIG_XZ_DEC_ARM64'],
        version: '6.12',
        blockSize: 1048576,
      },
    );
    assert.deepEqual(kernelNeeds({ compression: { compressor: 'gzip', level: 9 }, blockSize: 131072 }), {
      options: ['CONFIG_SQUASHFS_ZLIB'],
      version: undefined,
      blockSize: 131072,
    });
  });
});
