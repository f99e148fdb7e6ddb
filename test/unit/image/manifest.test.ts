import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseImageConfig } from '../../../src/core/image/image-config';
import { parseManifest } from '../../../src/core/image/manifest';
import { mediaTypes, parseLayerType } from '../../../src/core/image/media-type';
import { Problem } from '../../../src/core/problem';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const remedies = { noJson: 'Ask elsewhere', broken: 'Make it again' };
const bytes = (document: unknown) => Buffer.from(JSON.stringify(document));
const manifestOf = (document: unknown) => parseManifest(bytes(document), 'nginx:1.25', remedies);
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);

const config = { mediaType: mediaTypes.dockerConfig, digest: digest('c'), size: 7 };
const dockerLayer = {
  mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  digest: digest('1'),
  size: 100,
};
const dockerImage = { schemaVersion: 2, mediaType: mediaTypes.dockerManifest, config, layers: [dockerLayer] };

describe('parseManifest', () => {
  it("reads docker's manifest", () => {
    assert.deepEqual(manifestOf(dockerImage), {
      kind: 'image',
      mediaType: mediaTypes.dockerManifest,
      config,
      layers: [{ ...dockerLayer, compression: 'gzip', foreign: false }],
    });
  });

  it('reads an OCI manifest, which need not name its own type, and passes over what it does not know', () => {
    const manifest = manifestOf({
      schemaVersion: 2,
      config: { ...config, mediaType: mediaTypes.ociConfig, annotations: {} },
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
          digest: digest('1'),
          size: 5,
          data: 'eA==',
        },
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digest('2'), size: 0 },
      ],
      annotations: { 'org.opencontainers.image.created': 'today' },
      subject: null,
    });
    assert.ok(manifest.kind === 'image');
    assert.equal(manifest.mediaType, mediaTypes.ociManifest);
    assert.deepEqual(
      manifest.layers.map(({ compression }) => compression),
      ['zstd', 'none'],
    );
  });

  for (const mediaType of [mediaTypes.dockerManifestList, mediaTypes.ociIndex, undefined]) {
    it(`reads a list of images (${mediaType ?? 'without its own type'})`, () => {
      const entry = { mediaType: mediaTypes.ociManifest, digest: digest('a'), size: 9 };
      const index = manifestOf({
        schemaVersion: 2,
        mediaType,
        manifests: [
          { ...entry, platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.features': ['x'] } },
          { ...entry, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
          entry,
        ],
      });
      assert.ok(index.kind === 'index');
      assert.deepEqual(
        index.manifests.map(({ platform }) => platform),
        [
          { os: 'linux', architecture: 'arm', variant: 'v7' },
          { os: 'linux', architecture: 'arm64', variant: '' },
          undefined,
        ],
      );
    });
  }

  it('knows the config types that old pushes left', () => {
    for (const mediaType of ['application/octet-stream', 'text/html', undefined]) {
      assert.equal(manifestOf({ ...dockerImage, config: { ...config, mediaType } }).kind, 'image');
    }
  });

  it('marks layers that a registry need not hold', () => {
    const manifest = manifestOf({
      ...dockerImage,
      layers: [{ ...dockerLayer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }],
    });
    assert.equal(manifest.kind === 'image' && manifest.layers[0]?.foreign, true);
  });

  const refused: Readonly<Record<string, [document: unknown, found: RegExp]>> = {
    'schema 1': [{ schemaVersion: 1, name: 'a', fsLayers: [], history: [] }, /docker before 1\.10/],
    'an artifact (a Helm chart)': [
      { ...dockerImage, config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
      /not a container image but "application\/vnd\.cncf\.helm/,
    ],
    'an artifact by its artifactType': [
      {
        ...dockerImage,
        artifactType: 'application/vnd.example.sbom',
        config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' },
      },
      /"application\/vnd\.example\.sbom"/,
    ],
    'an encrypted layer': [
      {
        ...dockerImage,
        layers: [{ ...dockerLayer, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' }],
      },
      /unknown type .*encrypted/,
    ],
    'what can be read as both kinds (CVE-2021-41190)': [
      { ...dockerImage, manifests: [] },
      /contradicts itself/,
    ],
    'an image that calls itself an index': [
      { ...dockerImage, mediaType: mediaTypes.ociIndex },
      /contradicts itself/,
    ],
    'neither kind': [{ schemaVersion: 2 }, /neither an image nor a list/],
    'an error page': ['<html>', /Invalid input/],
    'a bad digest': [
      { ...dockerImage, config: { ...config, digest: 'sha256:../../etc' } },
      /"config\.digest"/,
    ],
    'a negative size': [{ ...dockerImage, layers: [{ ...dockerLayer, size: -1 }] }, /"layers\.0\.size"/],
    'a size beyond exact numbers': [
      { ...dockerImage, layers: [{ ...dockerLayer, size: 1e300 }] },
      /"layers\.0\.size"/,
    ],
  };
  for (const [what, [document, found]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => manifestOf(document), problem(found));
    });
  }

  it('refuses bytes that are no JSON, and tells another remedy than for what is made wrongly', () => {
    assert.throws(
      () => parseManifest(Buffer.from('<html>'), 'nginx', remedies),
      /^Problem: reading the manifest of nginx: it is not JSON\. Ask elsewhere\.$/,
    );
    assert.throws(() => manifestOf({}), /neither an image nor a list of images\. Make it again\.$/);
  });
});

describe('parseLayerType', () => {
  it('knows docker and OCI layers in each compression, and nothing else', () => {
    const kinds = [
      'application/vnd.docker.image.rootfs.diff.tar',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
      'application/vnd.docker.image.rootfs.diff.tar.zstd',
      'application/vnd.oci.image.layer.v1.tar',
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/vnd.oci.image.layer.v1.tar+zstd',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.oci.image.layer.v1.tar+br',
      'application/vnd.in-toto+json',
    ].map((mediaType) => parseLayerType(mediaType)?.compression);
    assert.deepEqual(kinds, ['none', 'gzip', 'zstd', 'none', 'gzip', 'zstd', 'gzip', undefined, undefined]);
  });
});

describe('parseImageConfig', () => {
  const configOf = (document: unknown) => parseImageConfig(bytes(document), 'nginx:1.25');

  it('reads the platform, the layers and the run configuration with all its keys, in their order', () => {
    const run = { Env: ['A=b'], Zebra: { deep: [1, null] }, Cmd: null, ArgsEscaped: true };
    const image = configOf({
      architecture: 'arm',
      variant: 'v7',
      os: 'linux',
      created: '2024-01-02T03:04:05.678Z',
      config: run,
      rootfs: { type: 'layers', diff_ids: [digest('1'), digest('2')] },
      history: [{ empty_layer: true }],
    });
    assert.deepEqual(image, {
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      created: '2024-01-02T03:04:05.678Z',
      diffIds: [digest('1'), digest('2')],
      config: run,
    });
    assert.deepEqual(Object.keys(image.config), Object.keys(run));
  });

  it('takes what old tools left out', () => {
    assert.deepEqual(
      configOf({ architecture: '', config: null, rootfs: { type: 'layers', diff_ids: null } }),
      {
        platform: undefined,
        created: undefined,
        diffIds: [],
        config: {},
      },
    );
  });

  it('refuses what is no image config', () => {
    assert.throws(() => configOf({ architecture: 'arm' }), problem(/"rootfs"/));
    assert.throws(() => configOf({ rootfs: { diff_ids: ['x'] } }), problem(/"rootfs\.diff_ids\.0"/));
  });
});

describe('an index', () => {
  const entry = { mediaType: mediaTypes.ociManifest, digest: digest('a'), size: 1 };
  const entriesOf = (...manifests: object[]) => {
    const index = manifestOf({ schemaVersion: 2, manifests });
    assert.ok(index.kind === 'index');
    return index.manifests.map(({ platform, isArtifact }) => [platform?.architecture, isArtifact]);
  };

  it('has entries without a platform where they name but a part of one', () => {
    const odd = [{}, { architecture: 'arm64' }, { os: 'linux', architecture: '' }, 'linux', null];
    const good = { ...entry, platform: { os: 'linux', architecture: 'amd64' } };
    assert.deepEqual(entriesOf(good, ...odd.map((platform) => ({ ...entry, platform }))), [
      ['amd64', false],
      ...odd.map(() => [undefined, false]),
    ]);
  });

  it('tells what is attached to images from images', () => {
    assert.deepEqual(
      entriesOf(
        { ...entry, artifactType: 'application/spdx+json', platform: { os: 'linux', architecture: '' } },
        { ...entry, artifactType: 'application/spdx+json' },
        { ...entry, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
        { ...entry, artifactType: null },
      ).map(([, isArtifact]) => isArtifact),
      [true, true, true, false],
    );
  });

  it('may list null, as docker 25.0 writes it', () => {
    const index = manifestOf({ schemaVersion: 2, manifests: null });
    assert.deepEqual(index.kind === 'index' && index.manifests, []);
  });
});
