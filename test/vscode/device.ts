import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pvx } from '../device-view/pvx';
import { pushImage } from '../device-view/registry-images';
import { derive, makeImage, type Image } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout, type Tagged } from '../image-maker/oci-layout';
import { startDockerRegistry, type DockerRegistry } from '../integration/docker-registry';
import { Random } from '../device-view/random';

const MiB = 1024 * 1024;

const web1 = makeImage(
  [
    makeLayer([
      { path: 'usr', kind: 'directory' },
      { path: 'usr/lib', kind: 'directory' },
      { path: 'usr/lib/libbig.so', kind: 'file', content: new Random(1).bytes(6 * MiB) },
      { path: 'etc', kind: 'directory' },
      { path: 'etc/web.conf', kind: 'file', content: 'listen 80\n' },
      { path: 'www', kind: 'directory' },
      { path: 'www/index.html', kind: 'file', content: '<h1>one</h1>\n' },
      { path: 'www/old.html', kind: 'file', content: '<h1>old</h1>\n' },
      // What apk knows of its packages (apk-tools, database.c).
      {
        path: 'lib/apk/db/installed',
        kind: 'file',
        content: 'P:web-site\nV:1.0-r0\nF:www\nR:index.html\nR:old.html\n\n',
      },
    ]),
  ],
  { config: { Cmd: ['/bin/web'] } },
);
const web2 = derive(web1, [
  { path: 'www/index.html', kind: 'file', content: '<h1>two</h1>\n' },
  { path: 'www/old.html', kind: 'whiteout' },
]);
const web3 = derive(web2, [{ path: 'www/index.html', kind: 'file', content: '<h1>three</h1>\n' }]);
const shop = derive(web1, [{ path: 'www/shop.html', kind: 'file', content: '<h1>shop</h1>\n' }]);

/** `shop` is made from the first release of `web`. */
export const releases = { web1, web2, web3, shop } satisfies Record<string, Image>;

/** A release with so much more in it that its build lasts until somebody stops it. */
export function withFilm(image: Image): Image {
  const content = new Random(2).bytes(48 * MiB);
  return derive(image, [{ path: 'film.bin', kind: 'file', content }], { compression: 'none' });
}

/** A release of which a patch over the first one is as heavy as its base. */
export function grown(image: Image): Image {
  return derive(image, [
    { path: 'data', kind: 'directory' },
    { path: 'data/more.bin', kind: 'file', content: new Random(3).bytes(6 * MiB) },
    { path: 'www/index.html', kind: 'file', content: '<h1>grown</h1>\n' },
    { path: 'www/old.html', kind: 'whiteout' },
  ]);
}

/** A release with so many small files more, in folders of 250. */
export function withFiles(image: Image, count: number): Image {
  const inFolder = 250;
  const numbers = Array.from({ length: count }, (_, at) => at);
  const folderOf = (at: number) => `lib/folder-${String(Math.floor(at / inFolder)).padStart(4, '0')}`;
  return derive(image, [
    { path: 'lib', kind: 'directory' },
    ...numbers
      .filter((at) => at % inFolder === 0)
      .map((at) => ({ path: folderOf(at), kind: 'directory' }) as const),
    ...numbers.map(
      (at) =>
        ({
          path: `${folderOf(at)}/file-${String(at).padStart(6, '0')}`,
          kind: 'file',
          content: `${at}\n`,
        }) as const,
    ),
  ]);
}

/** A folder with checkouts, and a real registry with the images that their apps are made from. */
export class DeviceProject {
  private constructor(
    /** Everything of this project, the user's home included; goes with {@link stop}. */
    readonly folder: string,
    readonly registry: DockerRegistry,
    readonly pvx: Pvx,
  ) {}

  /**
   * An empty workspace, and a registry with `web:latest` (the first release) and `shop:latest`.
   *
   * @param more releases that can be pushed, beside the usual ones.
   */
  static async start(more: Readonly<Record<string, Tagged>> = {}): Promise<DeviceProject> {
    const folder = await mkdtemp(path.join(tmpdir(), 'device-'));
    const project = new DeviceProject(
      folder,
      await startDockerRegistry(),
      new Pvx(path.join(folder, 'home')),
    );
    await mkdir(project.home);
    await mkdir(project.workspace);
    await writeOciLayout(project.layout, { ...releases, ...more });
    await project.push('web1', 'web:latest');
    await project.push('shop', 'shop:latest');
    return project;
  }

  /** The folder to be opened in VS Code. */
  get workspace(): string {
    return path.join(this.folder, 'workspace');
  }

  get home(): string {
    return path.join(this.folder, 'home');
  }

  /** `localhost:43210/web:latest`. */
  image(name: string): string {
    return `${this.registry.host}/${name}`;
  }

  /** Lets a tag name a release from now on. */
  push(release: string, name: string): Promise<void> {
    return pushImage(this.layout, release, this.image(name));
  }

  /** Makes an empty checkout in the workspace; answers its folder. */
  async makeCheckout(name: string): Promise<string> {
    const checkout = path.join(this.workspace, name);
    await mkdir(checkout, { recursive: true });
    await this.pvx.run(checkout, 'init');
    return checkout;
  }

  /** Adds an app to a checkout from what a tag like `web:latest` names now. */
  async addApp(checkout: string, app: string, from: string, ...options: readonly string[]): Promise<void> {
    await this.pvx.run(checkout, 'app', 'add', app, '--from', this.image(from), ...options);
  }

  async stop(): Promise<void> {
    await this.registry.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An OCI layout with all releases. */
  get layout(): string {
    return path.join(this.folder, 'images');
  }
}
