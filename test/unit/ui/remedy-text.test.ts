import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { build } from 'esbuild';
import { remedy, way, type Remedy, type Way } from '../../../src/core/remedy';

/** Each kind of way once. */
const ways: Readonly<Record<Way['kind'], Way>> = {
  install: way.install('my.app'),
  update: way.update('web'),
  patch: way.patch(),
  newBase: way.newBase('web'),
  listBase: way.listBase('web'),
  listApps: way.listApps(),
  init: way.init(),
  platform: way.platform(),
  platformOfApp: way.platformOfApp(),
  extend: way.extend('web'),
  withDependants: way.withDependants(),
  force: way.force(),
  logIn: way.logIn('ghcr.io'),
  setting: way.setting('cacheDirectory'),
};

/** The module in the untranslated editor's stead. */
async function editor(): Promise<{ readonly inEditorWords: (remedy: Remedy) => string }> {
  const { outputFiles } = await build({
    entryPoints: [path.resolve(import.meta.dirname, '../../../src/ui/messages/remedy-text.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [
      {
        name: 'vscode',
        setup: (build) => {
          build.onResolve({ filter: /^vscode$/ }, () => ({ path: 'vscode', namespace: 'stub' }));
          build.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({
            contents:
              'export const l10n = { t: (text, ...args) => text.replace(/{(\\d)}/g, (_, at) => args[at]) };',
          }));
        },
      },
    ],
  });
  const source = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(`data:text/javascript;base64,${source}`)) as Awaited<ReturnType<typeof editor>>;
}

describe('a remedy in the words of the editor', async () => {
  const { inEditorWords } = await editor();

  it('names no command line, option or variable', () => {
    for (const one of Object.values(ways)) {
      const text = inEditorWords([one]);
      assert.match(text, /\w/, one.kind);
      assert.doesNotMatch(text, /pvx|PVX|--|DOCKER_|docker login|undefined|{/, one.kind);
    }
  });

  it('says which command to use, for which app, and which setting', () => {
    assert.equal(
      inEditorWords(remedy`Build it with ${ways.install}, or do not`),
      'Build it with “Build What Is Missing” for my.app, or do not',
    );
    assert.equal(inEditorWords(remedy`Run ${ways.update}`), 'Run “Update as Patch” for web');
    assert.equal(inEditorWords(remedy`Run ${ways.patch}`), 'Run “Update as Patch”');
    assert.equal(
      inEditorWords(remedy`Add shop again ${ways.extend}`),
      'Add shop again as an extension of web',
    );
    assert.equal(
      inEditorWords(remedy`Log in with ${ways.logIn}`),
      'Log in with “Sign In to a Registry…” for ghcr.io',
    );
    assert.equal(
      inEditorWords(remedy`Name another folder in ${ways.setting}`),
      'Name another folder in the setting “pantavisor.cacheDirectory”',
    );
  });
});
