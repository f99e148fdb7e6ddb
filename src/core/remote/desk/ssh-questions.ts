import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Something that ssh wants to know. */
export interface SshQuestion {
  readonly host: string;
  /** In ssh's words. */
  readonly text: string;
  /** Whether the answer may be seen: whether an unknown host may be trusted, which is answered with `yes`. */
  readonly isSecret: boolean;
}

/**
 * Who answers ssh. `terminal`: ssh asks there by itself; `nobody`: what would have to be asked fails; else a function, whose answer may
 * be undefined, for no.
 */
export type AskSsh = 'terminal' | 'nobody' | ((question: SshQuestion) => Promise<string | undefined>);

export interface Questions extends AsyncDisposable {
  /** What ssh's environment needs for it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Asks over a socket that only this user can open, and prints the answer for ssh. */
const program = `
const [, , text] = process.argv;
const { CHECKOUTS_ASK_SOCKET: socket, CHECKOUTS_ASK_KEY: key } = process.env;
let answer = '';
const asking = require('node:net').connect(socket, () => asking.end(JSON.stringify({ key, text }) + '\\n'));
asking.setEncoding('utf8').on('data', (chunk) => { answer += chunk; }).on('error', () => process.exit(1));
asking.on('end', () => {
  if (!answer.startsWith('+')) process.exit(1);
  process.stdout.write(answer.slice(1) + '\\n', () => process.exit(0));
});
`;

/**
 * Has ssh's questions come here, by SSH_ASKPASS: a small program that is given the question, and hands on the answer. Neither is written
 * to a file, nor stands in an argument of anybody's but ssh's own.
 *
 * @param folder private to this user; what is made in it goes with it.
 */
export async function answerQuestions(
  folder: string,
  host: string,
  ask: (question: SshQuestion) => Promise<string | undefined>,
): Promise<Questions> {
  const isWindows = process.platform === 'win32';
  const key = randomBytes(16).toString('hex');
  const socket = isWindows ? `\\\\.\\pipe\\pvx-ask-${key}` : path.join(folder, 'ask');
  const script = path.join(folder, 'ask.cjs');
  const starter = path.join(folder, isWindows ? 'ask.cmd' : 'ask.sh');
  await writeFile(script, program, { mode: 0o600 });
  const text = isWindows
    ? '@"%CHECKOUTS_ASK_NODE%" "%CHECKOUTS_ASK_SCRIPT%" %*\r\n'
    : '#!/bin/sh\nexec "$CHECKOUTS_ASK_NODE" "$CHECKOUTS_ASK_SCRIPT" "$@"\n';
  await writeFile(starter, text, { mode: 0o700 });
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    answer(client).catch(() => client.destroy());
  });

  async function answer(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    let asked = '';
    client.setEncoding('utf8').on('data', (chunk: string) => {
      asked += chunk;
      if (asked.length > 64 * 1024) client.destroy();
    });
    await once(client, 'end');
    const question = JSON.parse(asked) as { readonly key?: unknown; readonly text?: unknown };
    if (question.key !== key || typeof question.text !== 'string') return;
    const isSecret = !/\(yes\/no/i.test(question.text);
    const said = await ask({ host, text: question.text.trim(), isSecret }).catch(() => undefined);
    client.end(said === undefined ? '-' : `+${said}`);
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  server.unref();
  return {
    env: {
      ...{ SSH_ASKPASS: starter, SSH_ASKPASS_REQUIRE: 'force' },
      // Older ones ask in this way only where there could be a window.
      DISPLAY: process.env['DISPLAY'] ?? ':0',
      ...{ CHECKOUTS_ASK_SOCKET: socket, CHECKOUTS_ASK_KEY: key, CHECKOUTS_ASK_SCRIPT: script },
      ...{ CHECKOUTS_ASK_NODE: process.execPath, ELECTRON_RUN_AS_NODE: '1' },
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

/** A folder that only this user can look into, with a path that is short enough for sockets. */
export async function privateFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const base = process.platform === 'win32' || tmpdir().length < 40 ? tmpdir() : '/tmp';
  const folder = await mkdtemp(path.join(base, 'pvx-ssh-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
