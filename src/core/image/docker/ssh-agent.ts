import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import type { ProcessEnvironment } from '../../net/process-environment';
import { isNotInstalled } from '../missing-program';
import type { DockerAddress } from './docker-host';

type SshAddress = DockerAddress & { kind: 'ssh' };

/**
 * HTTP through `ssh HOST docker system dial-stdio`, as the docker command does it (docker/cli, cli/connhelper): the user's
 * own ssh with its keys, jump hosts and known hosts. dockerode's ssh would talk to whoever answers.
 */
export class SshAgent extends Agent {
  constructor(
    private readonly address: SshAddress,
    private readonly environment: ProcessEnvironment,
  ) {
    super();
  }

  override createConnection(): Duplex {
    const { env } = this.environment;
    const child = spawn('ssh', sshArguments(this.address), { env, windowsHide: true });
    const connection = new Duplex({
      read: () => child.stdout.resume(),
      // What can't be written was meant for a program that has ended; its exit says why.
      write: (chunk, _encoding, done) => child.stdin.write(chunk, () => done()),
      final: (done) => child.stdin.end(() => done()),
      destroy(error, done) {
        child.kill();
        done(error);
      },
    });
    let complaint = 'ssh ended';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = chunk.toString().trim().split('\n').at(-1) ?? complaint;
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!connection.push(chunk)) child.stdout.pause();
    });
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      const why = isNotInstalled(error, 'ssh', env) ? 'it is not installed' : error.message;
      connection.destroy(new Error(`ssh can't be run: ${why}`));
    });
    child.once('close', (code) => {
      if (code === 0) connection.push(null);
      else connection.destroy(new Error(complaint));
    });
    return connection;
  }
}

function sshArguments({ host, port, user, socket }: SshAddress): string[] {
  return [
    ...['-o', 'ConnectTimeout=30', '-T'],
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    host,
    'docker',
    ...(socket === undefined ? [] : ['--host', `unix://${socket}`]),
    ...['system', 'dial-stdio'],
  ];
}
