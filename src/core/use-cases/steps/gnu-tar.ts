import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { shortList } from '../../presentation/short-list';

/** The system's tar, where it is GNU's: what it writes is in the order of names, with extended attributes. */
export async function findGnuTar(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const child = spawn('tar', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'], env: inEnglish() });
    const ended = new Promise<void>((resolve, reject) => child.once('error', reject).once('close', resolve));
    const [said] = await Promise.all([text(child.stdout), ended]);
    return said.includes('GNU tar') ? 'tar' : undefined;
  } catch {
    return undefined;
  }
}

/** Names with times of reading would say something else each time. */
const options = [
  ...['--create', '--file=-', '--sort=name', '--format=pax', '--pax-option=delete=atime,delete=ctime'],
  ...['--numeric-owner', '--xattrs', '--xattrs-include=*'],
];
const toldLines = 3;

/**
 * A folder as a tar archive. It is read by a program that sees what fakeroot and Yocto's pseudo pretend, which are told to C libraries
 * alone, and reads extended attributes, which Node.js doesn't.
 *
 * @throws Problem when something in it can't be read; the signal's reason.
 */
export async function* tarOfFolder(tar: string, folder: string, job: Job): AsyncGenerator<Uint8Array> {
  const child = spawn(tar, [...options, '-C', folder, '.'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: inEnglish(),
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const said = text(child.stderr);
  // Who reads on hears of it at the end.
  ended.catch(() => undefined);
  said.catch(() => undefined);
  try {
    for await (const chunk of child.stdout) {
      job.signal.throwIfAborted();
      yield chunk as Uint8Array;
    }
    const [code, lines] = [await ended, (await said).split('\n').filter((line) => line !== '')];
    const told = shortList(
      lines.map((line) => line.replace(/^tar: /, '')),
      toldLines,
    );
    // 1: something was changed as it was read, or is no file that an archive can hold, such as a socket.
    if (code === 0 || code === 1) {
      if (told !== '') job.warn(`${folder}: ${told}`);
      return;
    }
    throw new Problem({
      doing: `reading ${folder}`,
      found: told === '' ? `tar has ended with ${code ?? 'a signal'}` : told,
      remedy: 'Make it readable, or read it as root or within fakeroot',
    });
  } finally {
    child.kill();
  }
}

function inEnglish(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C' };
}
