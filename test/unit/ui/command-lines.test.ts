import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rewordRemedy, type EditorWords } from '../../../src/ui/command-lines';

const words: EditorWords = {
  install: (app) => `<install ${app ?? ''}>`,
  patch: (app) => `<patch ${app ?? ''}>`,
  newBase: (app) => `<new base ${app ?? ''}>`,
  listBase: (app) => `<list base ${app ?? ''}>`,
  listApps: '<list>',
  init: '<init>',
  platform: '<platform>',
  insecureRegistries: '<insecure registries>',
  cacheFolder: '<cache folder>',
  extending: (base) => `<extending ${base}>`,
};

const core = path.resolve(import.meta.dirname, '../../../src/core');

/** Each line of the engine that names a command line, with an app for what it puts in. */
function linesWithCommands(): readonly string[] {
  return readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(path.join(core, file), 'utf8').split('\n'))
    .filter((line) => /['`].*(pvx |with --)/.test(line) && !/^\s*(\/?\*|\/\/)/.test(line))
    .map((line) => line.replaceAll(/\$\{[^}]+\}/g, 'web-2.0'));
}

describe('a remedy in the words of an editor', () => {
  it('names no command line, whatever the engine says', () => {
    const lines = linesWithCommands();
    assert.ok(lines.length > 15, `${lines.length} lines`);
    for (const line of lines) assert.doesNotMatch(rewordRemedy(line, words), /pvx|with --/, line);
  });

  it('says which command to use, for which app', () => {
    const said = (remedy: string) => rewordRemedy(remedy, words);
    assert.equal(
      said('Build it with pvx app install my.app, or do not'),
      'Build it with <install my.app>, or do not',
    );
    assert.equal(said('Run pvx app update web'), 'Run <patch web>');
    assert.equal(said('Run pvx app update web --patch'), 'Run <patch web>');
    assert.equal(said('Run pvx app update --patch'), 'Run <patch >');
    assert.equal(
      said('Build one (pvx app update web --newbase), or update shop'),
      'Build one (<new base web>), or update shop',
    );
    assert.equal(said('Name another folder in PVX_CACHE_DIR'), 'Name another folder <cache folder>');
    assert.equal(said('Add shop again with --base web'), 'Add shop again <extending web>');
  });

  it('names the setting for what is an environment variable elsewhere', () => {
    assert.equal(
      rewordRemedy('Give it a certificate, or name it in PVX_INSECURE_REGISTRIES', words),
      'Give it a certificate, or name it in <insecure registries>',
    );
  });

  it('leaves alone what is none of its commands', () => {
    const remedy = 'Restore it with pvr checkout, or build it for arm (docker build --platform)';
    assert.equal(rewordRemedy(remedy, words), remedy);
  });
});
