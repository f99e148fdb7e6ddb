import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { remedy, way, type Remedy, type Way } from '../../../src/core/remedy';
import { loadWithoutVscode } from './without-vscode';

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
  moveBase: way.moveBase('root'),
  withDependants: way.withDependants(),
  force: way.force(),
  logIn: way.logIn('ghcr.io'),
  revision: way.revision('status'),
  signAgain: way.signAgain(),
  logInToHub: way.logInToHub('https://api.pantahub.com'),
  device: way.device('ps'),
  prefer: way.prefer(),
  signer: way.signer('key'),
  from: way.from('archive'),
  setting: way.setting('cacheDirectory'),
};

describe('a remedy in the words of the editor', async () => {
  const { inEditorWords } = (await loadWithoutVscode('src/ui/messages/remedy-text.ts')) as {
    readonly inEditorWords: (remedy: Remedy) => string;
  };

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
