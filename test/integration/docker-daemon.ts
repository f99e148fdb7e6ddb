import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { run } from './docker-registry';

/** A docker daemon of one's own. */
export interface DockerDaemon {
  /** For DOCKER_HOST: `unix:///…/docker.sock`. */
  readonly host: string;
  /** What `docker load` does: an archive of `docker save`. */
  load(archive: Buffer): Promise<void>;
  /** What `docker pull` does; registries of this machine need no TLS. */
  pull(reference: string): Promise<void>;
  /** What `docker tag` does. */
  tag(image: string, repository: string, tag: string): Promise<void>;
  /** Ends it at once, without a word to whoever is connected. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs the real dockerd, apart from any other on this machine and without a network for its containers. */
export async function startDockerDaemon(): Promise<DockerDaemon> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dockerd-'));
  const socket = path.join(folder, 'docker.sock');
  const data = path.join(folder, 'data');
  const child = spawn(
    'dockerd',
    [
      ...['--host', `unix://${socket}`],
      ...['--data-root', data],
      ...['--exec-root', path.join(folder, 'exec')],
      ...['--pidfile', path.join(folder, 'dockerd.pid')],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  const log: string[] = [];
  let isListening = false;
  for await (const line of createInterface({ input: child.stderr })) {
    log.push(line);
    isListening = line.includes('API listen on');
    if (isListening) break;
  }
  child.stderr.resume();
  if (!isListening) throw new Error(`dockerd did not start:\n${log.join('\n')}`);

  async function post(url: string, body?: Buffer): Promise<void> {
    const sent = request({ socketPath: socket, method: 'POST', path: url });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const text = (await buffer(answer)).toString();
    const isGood = (answer.statusCode ?? 500) < 300 && !text.includes('"errorDetail"');
    if (!isGood) throw new Error(`POST ${url}: ${answer.statusCode ?? ''} ${text}`);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    child.kill(signal);
    await ended;
  }

  return {
    host: `unix://${socket}`,
    load: (archive) => post('/images/load?quiet=1', archive),
    pull: (reference) => post(`/images/create?${new URLSearchParams({ fromImage: reference }).toString()}`),
    tag: (image, repository, tag) =>
      post(`/images/${image}/tag?${new URLSearchParams({ repo: repository, tag }).toString()}`),
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      // A daemon that was killed leaves its folder mounted on itself.
      await run('umount', ['--lazy', data]).catch(() => undefined);
      await rm(folder, { recursive: true });
    },
  };
}
