import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { extensions, lm, type Extension, type LanguageModelTextPart } from 'vscode';
import { hostTestSettings } from './report';

/** The checkout of the workspace: `web`, and `shop`, which extends it. */
export const { checkout, registry, images } = hostTestSettings();

export function extension(): Extension<unknown> {
  const found = extensions.getExtension('pantavisor-checkouts.pantavisor-checkouts');
  assert.ok(found, 'the extension is installed');
  return found;
}

/** How commands name an app. */
export function app(name: string): { readonly checkout: string; readonly app: string } {
  return { checkout, app: name };
}

/** Lets `web:latest` name a release from now on. */
export async function pushWeb(release: string): Promise<void> {
  const target = `docker://${registry}/web:latest`;
  const how = ['copy', '--quiet', '--insecure-policy', '--dest-tls-verify=false', '--preserve-digests'];
  await promisify(execFile)('skopeo', [...how, `oci:${images}:${release}`, target]);
}

export function text(file: string): Promise<string> {
  return readFile(path.join(checkout, file), 'utf8');
}

export async function exists(file: string): Promise<boolean> {
  return stat(path.join(checkout, file)).then(
    () => true,
    () => false,
  );
}

/** What a language-model tool answers. */
export async function askTool(name: string, input: object = {}): Promise<unknown> {
  const { content } = await lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part] = content as readonly LanguageModelTextPart[];
  return JSON.parse(part?.value ?? 'null') as unknown;
}

/** Waits for what comes by itself, like a diagnostic after a file was written. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(100);
  }
  throw new Error(`did not happen: ${what}`);
}
