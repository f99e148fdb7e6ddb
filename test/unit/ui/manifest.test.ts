import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { mountScheme } from '../../../src/ui/files/mount-address';
import { contextKeys } from '../../../src/ui/manifest/context-keys';
import { settingKeys } from '../../../src/ui/manifest/settings';
import {
  appsViewId,
  comparisonPanelType,
  devicesViewId,
  overlayPanelType,
  reviewPanelType,
  squashfsEditorType,
  sizesViewId,
  taskType,
  toolNames,
  viewContainerId,
  walkthroughId,
} from '../../../src/ui/manifest/view-ids';
import { deviceTokens } from '../../../src/ui/devices/device-context';
import { taskActions } from '../../../src/ui/tasks/task-definition';
import { changeTokens, groupIds, sourceControlId } from '../../../src/ui/revisions/menu-words';
import { appTokens, rowNames } from '../../../src/ui/tree/context-value';
import packageJson from '../../../package.json';
import texts from '../../../package.nls.json';
import { loadWithoutVscode } from './without-vscode';

const root = path.join(import.meta.dirname, '..', '..', '..');
const { contributes } = packageJson;
let commands: readonly string[] = [];
before(async () => {
  const loaded = await loadWithoutVscode('src/ui/commands/register-commands.ts');
  commands = Object.keys((loaded as { readonly allCommands: object }).allCommands);
});

/** All strings in a document, each with the keys on the way to it. */
function stringsIn(
  value: unknown,
  keys: readonly string[] = [],
): { keys: readonly string[]; text: string }[] {
  if (typeof value === 'string') return [{ keys, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => stringsIn(item, [...keys, key]));
}

const allStrings = stringsIn(packageJson);
const whenClauses = [
  ...allStrings.filter(({ keys }) => keys.at(-1) === 'when').map(({ text }) => text),
  ...allStrings
    .filter(({ text }) => text.startsWith('onContext:'))
    .map(({ text }) => text.slice('onContext:'.length)),
];

function assertSame(actual: readonly string[], expected: readonly string[]): void {
  assert.deepEqual([...new Set(actual)].sort(), [...expected].sort());
}

describe('package.json and the code', () => {
  it('name the same commands', () => {
    assertSame(
      contributes.commands.map(({ command }) => command),
      commands,
    );
  });

  it('name the same settings', () => {
    assertSame(Object.keys(contributes.configuration.properties), settingKeys);
  });

  it('name the same views, container and walkthrough', () => {
    assertSame(
      Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id)),
      [appsViewId, devicesViewId, sizesViewId],
    );
    assertSame(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [viewContainerId],
    );
    assertSame(Object.keys(contributes.views), [viewContainerId]);
    assertSame(
      contributes.walkthroughs.map(({ id }) => id),
      [walkthroughId],
    );
  });

  it('name the same pages that VS Code opens again, and the same editor and file system', () => {
    assert.ok(packageJson.activationEvents.includes(`onFileSystem:${mountScheme}`));
    assert.ok(packageJson.activationEvents.includes('onFileSystem:pvdevice'));
    assertSame(
      packageJson.activationEvents.flatMap((event) => /^onWebviewPanel:(.+)/.exec(event)?.[1] ?? []),
      [overlayPanelType, comparisonPanelType, reviewPanelType],
    );
    assertSame(
      contributes.customEditors.map(({ viewType }) => viewType),
      [squashfsEditorType],
    );
  });

  it('name the same context keys, and each of them in some when', () => {
    const names = new Set<string>([squashfsEditorType, ...settingKeys]);
    const views = new Set<string>([appsViewId, devicesViewId]);
    const inClauses = whenClauses.flatMap((clause) => clause.match(/pantavisor\.\w+/g) ?? []);
    assertSame(
      inClauses.filter((name) => !views.has(name) && !names.has(name)),
      contextKeys,
    );
  });

  it('name the same language-model tools and tasks', () => {
    assertSame(
      contributes.languageModelTools.map(({ name }) => name),
      Object.values(toolNames),
    );
    assertSame(
      contributes.taskDefinitions.map(({ type }) => type),
      [taskType],
    );
    assert.deepEqual(contributes.taskDefinitions[0]?.properties.action.enum, [...taskActions]);
  });

  it('agree about what menus ask of rows', () => {
    const patterns = whenClauses.flatMap((clause) =>
      [...clause.matchAll(/viewItem =~ \/(.*?)\//g)].map(([, pattern = '']) => pattern),
    );
    const tokens = patterns.flatMap((pattern) => pattern.split(';').filter((token) => /^\w+$/.test(token)));
    for (const token of tokens)
      assert.ok(
        [...appTokens, ...deviceTokens].some((known) => known === token),
        token,
      );
    // A pattern can match only tokens in the order in which they are written.
    for (const pattern of patterns) {
      const all = [appTokens, deviceTokens].map((tokens) => `;${tokens.join(';')};`);
      const expression = new RegExp(pattern.replaceAll('.*', '[^]*'));
      assert.ok(
        all.some((one) => expression.test(one)),
        pattern,
      );
    }
    const names = whenClauses.flatMap((clause) =>
      [...clause.matchAll(/viewItem == (\w+)/g)].map(([, name]) => name),
    );
    for (const name of names)
      assert.ok(
        rowNames.some((known) => known === name),
        name,
      );
  });

  it('agree about what menus ask of Source Control', () => {
    const asked = (pattern: RegExp) =>
      whenClauses.flatMap((clause) => [...clause.matchAll(pattern)].map(([, name = '']) => name));
    assertSame(asked(/scmProvider == (\w+)/g), [sourceControlId]);
    assertSame(asked(/scmResourceGroup == (\w+)/g), groupIds);
    const tokens = asked(/scmResourceState =~ \/(.*?)\//g).flatMap(
      (pattern) => pattern.match(/[\w-]+/g) ?? [],
    );
    for (const token of tokens)
      assert.ok(
        changeTokens.some((known) => known === token),
        token,
      );
  });
});

describe('package.json', () => {
  it('uses commands in menus, keys, welcome pages and the walkthrough that exist', () => {
    const used = [
      ...Object.values(contributes.menus)
        .flat()
        .flatMap((item) => ('command' in item ? [item.command] : [])),
      ...contributes.keybindings.map(({ command }) => command),
      ...allStrings.flatMap(({ text }) =>
        text.startsWith('onCommand:') ? [text.slice('onCommand:'.length)] : [],
      ),
      ...Object.values(texts).flatMap((text) =>
        [...text.matchAll(/\(command:([\w.]+)/g)].map(([, command = '']) => command),
      ),
    ];
    const own = used.filter(
      (command) => command.startsWith('pantavisor.') && command !== `${appsViewId}.focus`,
    );
    assert.ok(own.length > 20);
    for (const command of own) assert.ok(commands.includes(command), command);
  });

  it('names views, submenus and settings that exist', () => {
    for (const clause of whenClauses) {
      for (const [, view] of clause.matchAll(/(?:\bview|focusedView) == ([\w.]+)/g))
        assert.ok(view === appsViewId || view === devicesViewId, view);
    }
    const submenus = contributes.submenus.map(({ id }) => id);
    for (const item of Object.values(contributes.menus).flat()) {
      if ('submenu' in item) assert.ok(submenus.includes(item.submenu), item.submenu);
    }
    for (const key of packageJson.capabilities.untrustedWorkspaces.restrictedConfigurations) {
      assert.ok(
        settingKeys.some((known) => known === key),
        key,
      );
    }
  });

  it('has every text in package.nls.json, and no text there that it lacks', () => {
    const placeholders = allStrings.flatMap(({ text }) => /^%(.+)%$/.exec(text)?.[1] ?? []);
    assertSame(placeholders, Object.keys(texts));
  });

  it('says nothing to people that could not be translated', () => {
    const spoken =
      /^(title|label|name|description|markdownDescription|contents|displayName|userDescription|altText|contextualTitle|category)$/;
    const technical =
      /^(contributes,languageModelTools,\d+,(name|inputSchema)|contributes,commands,\d+,command|contributes,resourceLabelFormatters)/;
    const plain = stringsIn(contributes, ['contributes'])
      .filter(({ keys }) => spoken.test(keys.at(-1) ?? '') && !technical.test(keys.join(',')))
      .filter(({ text }) => !/^%.+%$/.test(text));
    assert.deepEqual(plain, []);
    const enumTexts = stringsIn(contributes).filter(({ keys }) => keys.at(-2) === 'enumDescriptions');
    for (const { text } of enumTexts) assert.match(text, /^%.+%$/);
  });

  it('gives every setting a default, a scope and a description', () => {
    for (const [key, setting] of Object.entries(contributes.configuration.properties)) {
      assert.ok('default' in setting && setting.scope && setting.markdownDescription, key);
    }
  });

  it('names files that are there', () => {
    const files = [
      packageJson.icon,
      ...contributes.jsonValidation.map(({ url }) => url),
      ...allStrings
        .filter(({ keys, text }) => keys.includes('contributes') && text.startsWith('media/'))
        .map(({ text }) => text),
    ];
    assert.ok(files.length > 8);
    for (const file of files) assert.ok(existsSync(path.join(root, file)), file);
  });

  it('compiles against the oldest VS Code that it runs in', () => {
    assert.equal(`^${packageJson.devDependencies['@types/vscode']}`, packageJson.engines.vscode);
  });

  it('ships what it names, by an allow-list', () => {
    const ignore = readFileSync(path.join(root, '.vscodeignore'), 'utf8').split('\n');
    assert.equal(
      ignore.find((line) => line !== '' && !line.startsWith('#')),
      '**',
    );
    for (const file of [
      'package.nls.json',
      'dist/extension.js',
      'dist/backend.js',
      'dist/codec-worker.js',
      'dist/webview/*.js',
      'dist/webview/*.css',
      'dist/webview/*.ttf',
      'media/tab-*.svg',
    ]) {
      assert.ok(ignore.includes(`!${file}`), file);
    }
  });
});
