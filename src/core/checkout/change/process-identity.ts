import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errorCode } from '../../files/system-error';

/** A process, told apart from others that had or will have its number, as far as the system says. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** What else Linux knows; undefined on other systems. */
  readonly linux: LinuxIdentity | undefined;
}

interface LinuxIdentity {
  /** Of the installed system (machine-id(5)), since many keep the host name that they came with; undefined where it has none. */
  readonly machine?: string | undefined;
  /** Of this run of the machine. */
  readonly boot: string;
  /** Containers number their processes on their own, and may share a host name with the machine. */
  readonly pidNamespace: string;
  /** When the process started, in clock ticks since boot: a number that is used again has another one. */
  readonly startTicks: string;
}

export async function identityOfThisProcess(): Promise<ProcessIdentity> {
  return { pid: process.pid, host: hostname(), linux: await linuxIdentity(process.pid) };
}

/**
 * Whether a process still runs. `unknown`: it is, or was, on another machine or in another container, where nobody here can
 * look.
 */
export async function lifeOf(other: ProcessIdentity): Promise<'alive' | 'dead' | 'unknown'> {
  if (other.host !== hostname()) return 'unknown';
  const here = await linuxIdentity(process.pid);
  if ((here === undefined) !== (other.linux === undefined)) return 'unknown';
  if (here !== undefined && other.linux !== undefined) {
    if (here.machine !== other.linux.machine) return 'unknown';
    if (here.boot !== other.linux.boot) return 'dead';
    if (here.pidNamespace !== other.linux.pidNamespace) return 'unknown';
    return (await startTicks(other.pid)) === other.linux.startTicks ? 'alive' : 'dead';
  }
  return isRunning(other.pid) ? 'alive' : 'dead';
}

async function linuxIdentity(pid: number): Promise<LinuxIdentity | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const [machine, boot, pidNamespace, start] = await Promise.all([
      readFile('/etc/machine-id', 'utf8').catch(() => ''),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlink('/proc/self/ns/pid'),
      startTicks(pid),
    ]);
    if (start === undefined) return undefined;
    return { machine: machine.trim() || undefined, boot: boot.trim(), pidNamespace, startTicks: start };
  } catch {
    return undefined; // No /proc here, or not for us.
  }
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); undefined when there is no such process. */
async function startTicks(pid: number): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field, the name in parentheses, may hold anything, also spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  // A zombie has ended; only its parent hasn't noticed yet.
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
