import type { Entry } from '../test/image-maker/entry';
import { derive, makeImage, type Image } from '../test/image-maker/image';
import { makeLayer } from '../test/image-maker/layer';
import { machineCode, page } from './lifelike';

/** The demo's images by reference, with what is to be told of each. */
export interface DemoImage {
  readonly reference: string;
  readonly about: string;
  readonly image: Image;
}

/** A domain that can't exist (RFC 2606): nothing there is ever looked for on a network. */
export const noRegistry = 'demo.example';

export interface References {
  readonly web: string;
  readonly nextWeb: string;
  readonly shop: string;
}

/** The demo's images as a registry calls them. */
export function referencesAt(registry: string): References {
  return { web: `${registry}/web:1.0`, nextWeb: `${registry}/web:1.1`, shop: `${registry}/shop:1.0` };
}

/** Two releases of a web server, and a shop whose Dockerfile would say `FROM demo.example/web:1.1`. */
export function demoImages(references: References): readonly DemoImage[] {
  const system = makeLayer(baseSystem());
  const server = makeLayer(webServer());
  const config = { Cmd: ['/usr/sbin/httpd', '-f'], ExposedPorts: { '443/tcp': {} } };
  const web = makeImage([system, server, makeLayer(site(release1))], { config });
  const fix = makeLayer([{ ...libssl, content: fixed(libssl.content) }]);
  const nextWeb = makeImage([system, fix, server, makeLayer(site(release1_1))], {
    config,
    created: '2024-02-03T04:05:06Z',
  });
  const shop = derive(nextWeb, shopPages());
  return [
    { reference: references.web, about: 'a web server with its system libraries', image: web },
    {
      reference: references.nextWeb,
      about: 'its next release: libssl fixed, a debug page deleted, the key no longer readable by all',
      image: nextWeb,
    },
    { reference: references.shop, about: 'FROM web:1.1, with pages of its own', image: shop },
  ];
}

/** A release as it is when somebody has built it anew, with other pages. */
export function rebuilt(release: DemoImage): DemoImage {
  const pages = [
    text('usr/share/www/help.html', page('Help, corrected', 60)),
    text('usr/share/www/contact.html', page('Contact', 10)),
  ];
  return { ...release, image: derive(release.image, pages) };
}

interface Release {
  readonly hasDebugPage: boolean;
  readonly keyMode: number;
}

const release1: Release = { hasDebugPage: true, keyMode: 0o644 };
const release1_1: Release = { hasDebugPage: false, keyMode: 0o600 };

const kB = 1000;
const MB = 1000 * kB;

const libssl = program('usr/lib/libssl.so.3', 500 * kB);

/** A few instructions in the middle are others, and the size is the same: only a look at the bytes tells. */
function fixed(library: Buffer): Buffer {
  const middle = library.length / 2;
  return Buffer.concat([library.subarray(0, middle), machineCode('fix', 64), library.subarray(middle + 64)]);
}

function baseSystem(): readonly Entry[] {
  const applets = ['cat', 'cp', 'grep', 'ls', 'mount', 'mv', 'ps', 'rm', 'sed', 'sh', 'tar', 'vi'];
  return [
    ...folders('bin', 'dev', 'etc', 'home', 'lib', 'proc', 'run', 'sys', 'usr', 'usr/bin', 'usr/lib'),
    ...folders('usr/sbin', 'usr/share', 'var', 'var/log'),
    { path: 'root', kind: 'directory', mode: 0o700 },
    { path: 'tmp', kind: 'directory', mode: 0o1777 },
    program('bin/busybox', 900 * kB),
    ...applets.map((name): Entry => ({ path: `bin/${name}`, kind: 'symlink', target: 'busybox' })),
    { ...program('usr/bin/su', 60 * kB), mode: 0o4755 },
    text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nhttpd:x:33:33:httpd:/var/www:/sbin/nologin\n'),
    text('etc/group', 'root:x:0:\nhttpd:x:33:\n'),
    text('etc/os-release', 'NAME="Demo Linux"\nVERSION_ID=1\n'),
    program('lib/libc.so.6', 1.6 * MB),
    { path: 'lib/ld-linux.so.1', kind: 'symlink', target: 'libc.so.6' },
    program('usr/lib/libcrypto.so.3', 1.4 * MB),
    libssl,
    program('usr/lib/libz.so.1', 100 * kB),
  ];
}

function webServer(): readonly Entry[] {
  return [
    program('usr/sbin/httpd', 1.2 * MB),
    { path: 'var/log/httpd', kind: 'directory', mode: 0o750, uid: 33, gid: 33 },
    // What makes a whole image expensive to ship: a big file that hardly ever changes.
    ...folders('usr/share/geoip'),
    { path: 'usr/share/geoip/places.db', kind: 'file', content: machineCode('places.db', 4 * MB) },
  ];
}

function site({ hasDebugPage, keyMode }: Release): readonly Entry[] {
  return [
    ...folders('etc/httpd', 'etc/httpd/tls', 'usr/share/www'),
    text('etc/httpd/httpd.conf', 'Listen 443\nRoot /usr/share/www\nTLS TLSv1.2\nKey tls/server.key\n'),
    {
      path: 'etc/httpd/tls/server.key',
      kind: 'file',
      content: machineCode('server.key', 1704),
      mode: keyMode,
    },
    text('usr/share/www/index.html', page('Welcome', 20)),
    text('usr/share/www/help.html', page('Help', 60)),
    text('usr/share/www/style.css', 'body { font: 16px/1.5 sans-serif; max-width: 60ch; margin: auto }\n'),
    ...(hasDebugPage ? [text('usr/share/www/debug.html', page('Server internals', 30))] : []),
  ];
}

function shopPages(): readonly Entry[] {
  const products = ['kettle', 'lamp', 'radio', 'teapot'];
  return [
    ...folders('usr/share/www/shop'),
    text('usr/share/www/index.html', page('Shop', 12)),
    ...products.map((name) => text(`usr/share/www/shop/${name}.html`, page(`One ${name}`, 8))),
  ];
}

function folders(...paths: readonly string[]): readonly Entry[] {
  return paths.map((path) => ({ path, kind: 'directory' }));
}

function text(path: string, content: string): Entry {
  return { path, kind: 'file', content };
}

function program(path: string, length: number) {
  return { path, kind: 'file', content: machineCode(path, length), mode: 0o755 } as const satisfies Entry;
}
