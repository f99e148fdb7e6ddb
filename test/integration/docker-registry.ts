import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export const run = promisify(execFile);

export interface DockerRegistry {
  /** `localhost:43210` */
  readonly host: string;
  stop(): Promise<void>;
}

/**
 * Runs the real registry (github.com/distribution/distribution) on a free port of this machine.
 *
 * @param settings more of its configuration, as JSON: `{ auth: … }`, `{ tls: … }`.
 */
export async function startDockerRegistry(
  settings: { readonly auth?: object; readonly tls?: object } = {},
): Promise<DockerRegistry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'docker-registry-'));
  const config = path.join(folder, 'config.yml');
  await writeFile(
    config,
    // JSON is YAML too.
    JSON.stringify({
      version: '0.1',
      log: { level: 'info' },
      storage: { filesystem: { rootdirectory: path.join(folder, 'data') } },
      http: { addr: '127.0.0.1:0', tls: settings.tls },
      auth: settings.auth,
    }),
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let port: string | undefined;
  const log: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    log.push(line);
    port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) break;
  }
  child.stderr.resume();
  if (port === undefined) throw new Error(`docker-registry did not start:\n${log.join('\n')}`);
  return {
    host: `localhost:${port}`,
    async stop() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/**
 * Makes an OCI image with umoci.
 *
 * @param folder an empty or missing folder for the OCI layout; the image's tag is `image`.
 */
export async function makeImage(
  folder: string,
  {
    architecture,
    files,
  }: { readonly architecture: string; readonly files: Readonly<Record<string, string>> },
): Promise<void> {
  const image = ['--image', `${folder}:image`];
  await run('umoci', ['init', '--layout', folder]);
  await run('umoci', ['new', ...image]);
  const root = `${folder}-root`;
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  await run('umoci', ['insert', ...image, root, '/']);
  await run('umoci', [
    'config',
    ...image,
    '--architecture',
    architecture,
    '--os',
    'linux',
    '--config.cmd',
    '/bin/app',
  ]);
}
