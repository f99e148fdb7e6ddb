import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { Duplex } from 'node:stream';
import type { Job } from '../../job';
import { Absence } from '../../net/network-failure';
import type { ProcessEnvironment } from '../../net/process-environment';
import { pause } from '../../net/retry';
import { Problem } from '../../problem';
import { type AskSsh, answerQuestions, privateFolder } from './ssh-questions';
import { hostOf, type SshSettings, type SshTarget, settingsOf, targetsOf } from './ssh-target';
import { isRevisionName, type LogFile, type WayIn } from './way-in';

export interface SshOptions {
  readonly environment: ProcessEnvironment;
  readonly ask: AskSsh;
}

/** Where pv-ctrl may be: in Pantavisor itself, in a container, in the appengine (pantavisor, pvtx_ctrl.c). */
const sockets = ['/run/pantavisor/pv/pv-ctrl', '/pv/pv-ctrl', '/pantavisor/pv-ctrl'];
const logFolders = ['/pantavisor/logs', '/storage/logs', '/var/pantavisor/storage/logs'];
const objectFolders = ['/storage/objects', '/var/pantavisor/storage/objects'];

/** What our commands say in their own name, above what programs usually end with. */
const noSocket = 91;
const noProgram = 92;
const notThere = 93;

const openSocket = [
  `for s in ${sockets.join(' ')}; do if [ -S "$s" ]; then`,
  'if command -v nc >/dev/null 2>&1; then exec nc -U "$s"; fi;',
  'if command -v socat >/dev/null 2>&1; then exec socat - "UNIX-CONNECT:$s"; fi;',
  `exit ${noProgram}; fi; done; exit ${noSocket}`,
].join(' ');

/**
 * pv-ctrl through the user's own `ssh`, with its configuration, agent and known hosts: `nc -U` on the device, once for each request. Where
 * the system can do that, all go over one connection, so that somebody is asked once.
 *
 * @param url `ssh://[user@]host[:port]`
 */
export function sshWay(url: URL, { environment, ask }: SshOptions): WayIn {
  const host = hostOf(url);
  let connection: Promise<Connection> | undefined;
  /** What was found to be there, before the connection was lost. */
  let known: SshTarget | undefined;

  async function connected(signal: AbortSignal): Promise<Connection> {
    const present = await connection?.catch(() => undefined);
    if (present?.isUp() === true) return present;
    await present?.close();
    signal.throwIfAborted();
    const making = findConnection(signal);
    connection = making;
    making.catch(() => (connection = undefined));
    return making;
  }

  async function findConnection(signal: AbortSignal): Promise<Connection> {
    const settings = await settingsOf(host, environment);
    const targets = known === undefined ? targetsOf(url, settings) : [known];
    let first: unknown;
    for (const target of targets) {
      try {
        const made = await openConnection(target, settings, { environment, ask }, signal);
        known = target;
        return made;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Absence)) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  /** What a command prints; undefined: what it looks for isn't there. */
  async function output(command: string, job: Job): Promise<Buffer | undefined> {
    const { spawn: start, failure } = await connected(job.signal);
    const child = start(command, job.signal);
    child.stdin.end();
    const chunks: Buffer[] = [];
    const code = once(child, 'close') as Promise<[number | null]>;
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    const [ended] = await code;
    if (ended === 0) return Buffer.concat(chunks);
    if (ended === notThere) return undefined;
    throw failure(child, ended);
  }

  const shown = `${url.username === '' ? '' : `${url.username}@`}${url.host}`;
  return {
    address: `ssh://${shown}`,
    name: shown,
    nick: host.replace(/[^A-Za-z0-9_.-]/g, '-'),
    prepare: async ({ signal }) => void (await connected(signal)),
    async connect(signal) {
      const { spawn: start, failure } = await connected(signal);
      const child = start(openSocket, undefined);
      return duplexOf(child, (code) => failure(child, code));
    },
    async logFiles(revision, lines, job) {
      if (!isRevisionName(revision)) return undefined;
      const text = await output(logCommand(revision, lines), job);
      return text === undefined ? undefined : parseLogs(text.toString('utf8'));
    },
    async object(id, job) {
      const places = objectFolders.map((folder) => `${folder}/${id}`).join(' ');
      const find = `for f in ${places}; do if [ -r "$f" ]; then echo "$f"; exit 0; fi; done; exit ${notThere}`;
      const place = (await output(find, job))?.toString().trim();
      if (place === undefined || !places.split(' ').includes(place)) return undefined;
      const { spawn: start } = await connected(job.signal);
      const child = start(`exec cat ${place}`, job.signal);
      child.stdin.end();
      return child.stdout as AsyncIterable<Buffer>;
    },
    async [Symbol.asyncDispose]() {
      await (await connection?.catch(() => undefined))?.close();
    },
  };
}

/** A connection by ssh, or the readiness to make one for each command. */
interface Connection {
  isUp(): boolean;
  /** Runs a command on the device. */
  spawn(command: string, signal: AbortSignal | undefined): ChildProcessWithoutNullStreams;
  /** Why one ended. */
  failure(child: ChildProcess, code: number | null): Problem;
  close(): Promise<void>;
}

async function openConnection(
  target: SshTarget,
  settings: SshSettings,
  { environment, ask }: SshOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const folder = await privateFolder();
  const questions =
    typeof ask === 'function' ? await answerQuestions(folder.path, target.host, ask) : undefined;
  // A message that we look at must be in one language.
  const env = { ...environment.env, LC_ALL: 'C', ...questions?.env };
  const said = new WeakMap<ChildProcess, () => string>();
  const isShared = environment.platform !== 'win32' && !settings.hasControlPath;
  const socket = path.join(folder.path, 's');
  const options = [
    ...['-o', 'ConnectTimeout=15', '-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3'],
    // In BatchMode, ssh would not even ask the program that was named for it.
    ...['-o', `BatchMode=${ask === 'nobody' ? 'yes' : 'no'}`],
    // Whoever is new is asked about, or refused; nobody is taken for known in silence.
    ...(settings.isStrict ? [] : ['-o', 'StrictHostKeyChecking=ask']),
    ...['-o', 'ClearAllForwardings=yes', '-l', target.user, '-p', String(target.port)],
  ];

  function start(args: readonly string[], stop: AbortSignal | undefined): ChildProcessWithoutNullStreams {
    const child = spawn('ssh', args, { env, windowsHide: true, ...(stop && { signal: stop }) });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-8_192);
    });
    said.set(child, () => text);
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    return child;
  }

  const failure = (child: ChildProcess, code: number | null) =>
    sshProblem(target, said.get(child)?.() ?? '', code);

  const close = async () => {
    await questions?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };

  if (!isShared) {
    const through = [...options, '-T', '--', target.host];
    const connection: Connection = {
      isUp: () => true,
      spawn: (command, stop) => start([...through, command], stop),
      failure,
      close,
    };
    return await tried(connection, signal);
  }

  const master = start([...options, '-M', '-S', socket, '-N', '-T', '--', target.host], undefined);
  let hasEnded = false;
  const ended = (once(master, 'close') as Promise<[number | null]>).then(([code]) => {
    hasEnded = true;
    return code;
  });
  try {
    while (!(await isThere(socket))) {
      signal.throwIfAborted();
      // However long somebody needs for an answer; ssh itself ends when nobody answers at the other side.
      const code = await Promise.race([ended, pause(30, signal).then(() => 'waiting' as const)]);
      if (code !== 'waiting') throw failure(master, code);
    }
  } catch (error) {
    master.kill();
    await close();
    throw error;
  }
  // Only over the connection that is there: of its own, each would ask anew. Of what is said twice, ssh takes the first.
  const shared = ['-S', socket, '-o', 'ControlMaster=no', '-o', 'BatchMode=yes', ...options];
  return {
    isUp: () => !hasEnded,
    spawn: (command, stop) => start([...shared, '-T', '--', target.host, command], stop),
    failure,
    async close() {
      master.kill();
      await ended.catch(() => undefined);
      await close();
    },
  };
}

/** Whether it comes to stand at all. */
async function tried(connection: Connection, signal: AbortSignal): Promise<Connection> {
  const child = connection.spawn('exit 0', signal);
  child.stdin.end();
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return connection;
  await connection.close();
  signal.throwIfAborted();
  throw connection.failure(child, code);
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function duplexOf(child: ChildProcessWithoutNullStreams, failure: (code: number | null) => Error): Duplex {
  const connection = new Duplex({
    read: () => void child.stdout.resume(),
    // What can't be written was meant for a program that has ended; its exit says why.
    write: (chunk, _encoding, done) => child.stdin.write(chunk, () => done()),
    final: (done) => child.stdin.end(() => done()),
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (!connection.push(chunk)) child.stdout.pause();
  });
  child.once('error', (error) => connection.destroy(error));
  child.once('close', (code) => {
    if (code === 0 || code === 1) connection.push(null);
    else connection.destroy(failure(code));
  });
  return connection.on('error', () => undefined);
}

/** A file a paragraph: its name behind a form feed, then its last lines with their numbers. */
function logCommand(revision: string, lines: number): string {
  const folders = logFolders.map((folder) => `${folder}/${revision}`).join(' ');
  const each = `for f; do printf "\\f%s\\n" "\${f#./}"; grep -an "" "$f" | tail -n ${Math.trunc(lines)}; done`;
  return (
    `for d in ${folders}; do if [ -d "$d" ]; then cd "$d" && ` +
    `find . -type f ! -name "*.gz" -exec sh -c '${each}' sh {} +; exit 0; fi; done; exit ${notThere}`
  );
}

/** What {@link logCommand} prints. */
export function parseLogs(text: string): readonly LogFile[] {
  return text
    .split('\f')
    .slice(1)
    .map((part) => {
      const [file = '', ...rest] = part.split('\n');
      const lines = rest.flatMap((line) => {
        const [, number, said] = /^(\d+):(.*)$/.exec(line) ?? [];
        return said === undefined ? [] : [{ number: Number(number), text: said.replace(/\r$/, '') }];
      });
      return { path: file, lines };
    });
}

/** ssh ends with 255 for what is its own; else with what the command ended with. */
function sshProblem({ host, port, user }: SshTarget, said: string, code: number | null): Problem {
  const doing = `connecting to ${user}@${host} through ssh`;
  const lines = said.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('** '));
  const last = lines.at(-1)?.trim() ?? '';
  if (code === noSocket)
    return new Problem({
      doing,
      found: 'there is no control socket of Pantavisor',
      remedy: 'Connect as Pantavisor itself (_pv_, port 8222), or to a container with the role mgmt',
    });
  if (code === noProgram)
    return new Problem({
      doing,
      found: 'the device has neither nc nor socat there, which lead to the control socket',
      remedy: 'Connect as Pantavisor itself (_pv_, port 8222), which has nc',
    });
  if (/host key verification failed|host identification has changed/i.test(said))
    return new Problem({
      doing,
      found: /has changed/i.test(said)
        ? 'it shows another key than the one that is known of it'
        : 'its key is not known, and nobody said that it is the right one',
      remedy: `Compare the key on the device, then connect once with ssh -p ${port} ${user}@${host}`,
    });
  if (/permission denied|too many authentication failures|no supported authentication/i.test(said))
    return new Problem({
      doing,
      found: `it does not let you in (${last})`,
      remedy:
        port === 8222
          ? 'Put your public key into pvr-sdk.authorized_keys of what the device is told'
          : 'Check the user, and the key or the password',
    });
  return new Absence('unreachable', {
    doing,
    found: last === '' ? `ssh ended with ${code ?? 'a signal'}` : last,
    remedy: `Check that the device is up, and has ssh on port ${port}`,
  });
}
