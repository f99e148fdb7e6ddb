import { open, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { isMissing } from '../../files/file-problem';
import { Absence } from '../../net/network-failure';
import { describeError, Problem } from '../../problem';
import { isRevisionName, type LogFile, type WayIn } from './way-in';

/** Bytes of a log file that are read, from its end. */
const maxLog = 4 * 1024 * 1024;

/** pv-ctrl of a device in a container on this machine, or of the container that this runs in. */
export function socketWay(file: string): WayIn {
  const folder = path.dirname(file);
  return {
    address: pathToFileURL(file).href.replace(/^file:/, 'unix:'),
    name: file,
    nick: 'device',
    prepare: () => Promise.resolve(),
    connect: (signal) => connectTo(file, signal),
    // Containers have both beside each other.
    logFiles: (revision, lines) => readLogs(path.join(folder, 'logs'), revision, lines),
    object: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The socket that an address of {@link socketWay} names; undefined: it is none. */
export function socketOf(address: string): string | undefined {
  if (!/^unix:\/\/\//i.test(address) || !URL.canParse(address)) return undefined;
  return decodeURIComponent(new URL(address).pathname);
}

async function connectTo(file: string, signal?: AbortSignal): Promise<Duplex> {
  const socket = connect(file);
  try {
    await once(socket, 'connect', { ...(signal && { signal }) });
    // Between those who wait for one thing and those who wait for the next nobody listens.
    return socket.on('error', () => undefined);
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const doing = `connecting to ${file}`;
    if (code === 'EACCES' || code === 'EPERM')
      throw new Problem({ doing, found: 'you may not', remedy: 'Run it as the user whose socket it is' });
    if (code === 'ENOENT' || code === 'ECONNREFUSED')
      throw new Absence('unreachable', {
        doing,
        found: code === 'ENOENT' ? 'there is no such socket' : 'nobody listens there',
        remedy: 'Check the path, and that Pantavisor runs',
        cause: error,
      });
    throw new Absence('unreachable', {
      doing,
      found: describeError(error),
      remedy: 'Check that it is the socket of a Pantavisor',
      cause: error,
    });
  }
}

async function readLogs(
  logs: string,
  revision: string,
  count: number,
): Promise<readonly LogFile[] | undefined> {
  if (!isRevisionName(revision)) return undefined;
  const folder = path.join(logs, revision);
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (names === undefined) return undefined;
  const files: LogFile[] = [];
  for (const entry of names) {
    if (!entry.isFile() || entry.name.endsWith('.gz')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const all = (await readEnd(file)).replace(/\n$/, '').split('\n');
    const lines = all.map((text, at) => ({ number: at + 1, text })).slice(-count);
    files.push({ path: path.relative(folder, file).split(path.sep).join('/'), lines });
  }
  return files;
}

async function readEnd(file: string): Promise<string> {
  const opened = await open(file);
  try {
    const { size } = await opened.stat();
    if (size <= maxLog) return (await readFile(opened)).toString();
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(maxLog), 0, maxLog, size - maxLog);
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await opened.close();
  }
}
