import { spawn } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import type { ProcessEnvironment } from '../../net/process-environment';
import { Secret } from '../../net/secret';
import { describeError } from '../../problem';
import { tryParseJson } from '../json-document';
import { isNotInstalled } from '../missing-program';

export type HelperAnswer =
  | { readonly kind: 'found'; readonly username: string; readonly secret: Secret }
  | { readonly kind: 'not-found' }
  /** `reason` is a clause that ends without a stop: the program is missing, hangs, or says what it lacks. */
  | { readonly kind: 'failed'; readonly reason: string };

/** A key store may first ask its owner to unlock it. */
const defaultTimeoutMs = 60_000;
const maxOutputBytes = 1024 * 1024;

/** What helpers print when they have nothing (docker-credential-helpers, credentials/error.go). */
const notFoundMessages = new Set([
  'credentials not found in native keychain',
  'no credentials server URL',
  'no credentials username',
]);

const answerSchema = z.object({ Username: z.string().default(''), Secret: z.string().default('') });

/**
 * Runs `docker-credential-<helper> get` with `key` on its input (docker-credential-helpers, "Usage").
 *
 * @param timeoutMs after this many milliseconds the helper is stopped, and has failed.
 * @throws the signal's reason when it is aborted; nothing else.
 */
export async function askCredentialHelper(
  helper: string,
  key: string,
  environment: ProcessEnvironment,
  signal: AbortSignal,
  timeoutMs = defaultTimeoutMs,
): Promise<HelperAnswer> {
  // The name becomes part of a program's name: a path in it would run a program of another folder.
  if (!/^[\w.-]+$/.test(helper)) {
    return { kind: 'failed', reason: `docker's config names the credential helper "${helper.slice(0, 50)}"` };
  }
  const program = `docker-credential-${helper}`;
  const ended = await run(
    program,
    key,
    environment,
    AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  );
  signal.throwIfAborted();
  switch (ended.kind) {
    case 'missing':
      return { kind: 'failed', reason: `docker's config asks for ${program}, which is not installed` };
    case 'error':
      return { kind: 'failed', reason: `${program} could not be run (${ended.message})` };
    case 'stopped':
      return { kind: 'failed', reason: `${program} did not answer in ${Math.ceil(timeoutMs / 1000)} s` };
    case 'ended':
      return ended.exitCode === 0 ? parseAnswer(program, ended.output) : explainFailure(program, ended);
  }
}

type Ended =
  | { readonly kind: 'missing' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'ended';
      readonly exitCode: number | null;
      readonly output: string;
      readonly errors: string;
    };

function run(
  program: string,
  input: string,
  environment: ProcessEnvironment,
  signal: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve) => {
    const env = withHelperPath(environment);
    const child = spawn(program, ['get'], {
      env,
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const output = collect(child.stdout);
    const errors = collect(child.stderr);
    child.once('error', (error) => {
      if (signal.aborted) resolve({ kind: 'stopped' });
      else if (isNotInstalled(error, program, env)) resolve({ kind: 'missing' });
      else resolve({ kind: 'error', message: describeError(error) });
    });
    child.once('close', (exitCode) => {
      resolve({ kind: 'ended', exitCode, output: output(), errors: errors() });
    });
    // A helper that ends without reading its input closes the pipe; its exit code says the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxOutputBytes) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8').trim();
}

function parseAnswer(program: string, output: string): HelperAnswer {
  const parsed = answerSchema.safeParse(tryParseJson(output));
  if (!parsed.success) {
    return { kind: 'failed', reason: `${program} answered something else than credentials` };
  }
  const { Username: username, Secret: secret } = parsed.data;
  if (username === '' || secret === '') return { kind: 'not-found' };
  return { kind: 'found', username, secret: new Secret(secret) };
}

function explainFailure(
  program: string,
  { exitCode, output, errors }: Ended & { kind: 'ended' },
): HelperAnswer {
  if (notFoundMessages.has(output)) return { kind: 'not-found' };
  // Helpers write their complaint to the output, the place of credentials: what looks like JSON is never repeated.
  const complaint =
    (output.startsWith('{') ? errors : output || errors).split('\n', 1)[0]?.slice(0, 200) ?? '';
  const how = exitCode === null ? 'was stopped' : `ended with code ${exitCode}`;
  return { kind: 'failed', reason: `${program} ${how}${complaint === '' ? '' : ` (${complaint})`}` };
}

/** An editor started from the macOS Dock has a bare PATH, without the folders where Docker Desktop and Homebrew install. */
function withHelperPath({ env, platform }: ProcessEnvironment): NodeJS.ProcessEnv {
  if (platform !== 'darwin') return env;
  const folders = ['/usr/local/bin', '/opt/homebrew/bin', '/Applications/Docker.app/Contents/Resources/bin'];
  return { ...env, PATH: [env['PATH'] ?? '/usr/bin:/bin', ...folders].join(path.posix.delimiter) };
}
