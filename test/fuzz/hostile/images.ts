import type { Image } from '../../image-maker/image';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';

const base = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'app', mode: 0o755 }])], {
  config: {
    Cmd: ['/bin/app'],
    Entrypoint: ['/init'],
    Env: ['PATH=/bin'],
    Volumes: { '/data': {} },
    WorkingDir: '/',
    User: 'nobody',
    Labels: { version: '1' },
    ExposedPorts: { '80/tcp': {} },
  },
});

/** Small images, as sound as any; what is hostile is made of them. */
export const smallImages = {
  base,
  derived: derive(base, [{ path: 'bin/app', kind: 'whiteout' }], { compression: 'none' }),
  forAmd64: { ...base, platform: { os: 'linux', architecture: 'amd64' } } satisfies Image,
};
