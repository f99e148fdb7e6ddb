import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { openArchiveImage } from '../../../src/core/image/archive-image';
import { ArchiveOpener } from '../../../src/core/image/archive/open-archive';
import { BlobCache } from '../../../src/core/image/blob-cache';
import { readableImage } from '../../../src/core/image/layer';
import { compressionOf } from '../../../src/core/image/layer-compression';
import { parseRequest } from '../../../src/core/image/parsed-request';
import { dockerArchive } from '../../image-maker/docker-archive';
import type { Entry } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { emptyHeader, headerBlock } from '../../image-maker/tar-header';
import { smallImages } from '../hostile/images';
import { type ImageFiles, layoutFiles, varyImage } from '../image-files';
import { readWholeImage } from '../read-image';
import { filesIn, varyTar } from '../tar-blocks';
import type { Seeds, Target } from '../target';
import { varyBytes } from '../vary-bytes';

const codecs = path.resolve('dist');
const { base, derived, forAmd64 } = smallImages;

export const target: Target = {
  seeds,
  bombs,
  vary(input, others, random) {
    if (compressionOf(input) !== 'none') return varyBytes(input, others, random);
    const files = random.chance(0.7) ? filesIn(input) : new Map<string, Buffer>();
    const tar = files.size > 0 ? tarOf(varyImage(files, random)) : varyTar(input, others, random);
    return random.chance(0.05) ? gzipSync(tar) : tar;
  },
  async read(input, folder, job) {
    const file = path.join(folder, 'image.tar');
    await writeFile(file, input);
    const archives = new ArchiveOpener(new BlobCache(path.join(folder, 'cache'), 2 ** 30), codecs);
    const wish = parseRequest({ reference: 'app:latest', sources: [], platforms: ['linux/arm64'] });
    await readWholeImage(readableImage(await openArchiveImage(file, wish, archives, job), codecs), job);
  },
};

async function seeds(): Promise<Seeds> {
  const layout = await layoutFiles({ latest: [base, forAmd64], derived }, { compression: 'gzip' });
  const docker = dockerArchive([
    { image: base, names: ['app:latest'] },
    { image: derived, names: ['app:derived'] },
  ]);
  const one = (entry: Entry) => tarArchive([entry]);
  return {
    'an OCI layout': tarOf(layout),
    'an OCI layout, gzip': gzipSync(tarOf(layout)),
    'of docker': docker,
    'of docker, in GNU style': dockerArchive([{ image: derived, names: [] }], {
      dialect: 'gnu',
      prefix: './',
    }),
    'of docker, gzip': gzipSync(docker),
    'a name that leads out': one({ path: '../../index.json', kind: 'file', content: '{}' }),
    'a link that leads out': one({ path: 'index.json', kind: 'symlink', target: '../../../etc/passwd' }),
    'links in a circle': tarArchive([
      { path: 'manifest.json', kind: 'symlink', target: 'a' },
      { path: 'a', kind: 'symlink', target: 'manifest.json' },
    ]),
    'an index of 8 GiB': headerBlock({ ...emptyHeader, name: 'index.json', size: 2 ** 33 }, 'gnu'),
    'an index without end': one({ path: 'index.json', kind: 'file', content: '['.repeat(200_000) }),
  };
}

function bombs(): Promise<Seeds> {
  const empty = tarArchive([{ path: 'x', kind: 'file', content: '' }]).subarray(0, 512);
  const index = headerBlock({ ...emptyHeader, name: 'index.json', size: 2 ** 25 }, 'gnu');
  return Promise.resolve({
    'files without end, gzip': gzipSync(Buffer.alloc(2 ** 22, empty)),
    'zeros, gzip': gzipSync(Buffer.alloc(2 ** 25)),
    'an index of 32 MiB, gzip': gzipSync(Buffer.concat([index, Buffer.alloc(2 ** 25, ' ')])),
  });
}

function tarOf(files: ImageFiles): Buffer {
  return tarArchive([...files].map(([name, content]) => ({ path: name, kind: 'file', content })));
}
