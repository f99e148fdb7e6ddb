import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { App } from '../../../src/core/checkout/app';
import type { Contradiction } from '../../../src/core/checkout/contradictions/contradictions';
import type { Part } from '../../../src/core/checkout/parts';
import { CheckoutModel } from '../../../src/ui/model/checkout-model';
import { type AppGrouping, arrangeApps } from '../../../src/ui/tree/arrange-apps';
import { appIdOf, childrenOf, nodeId, parentOf, problemNodes } from '../../../src/ui/tree/nodes';
import type { AppNode, CheckoutNode, TreeNode } from '../../../src/ui/tree/nodes';
import { partNodes, problemsOfNoPart } from '../../../src/ui/tree/part-nodes';
import { aCheckout, anApp, squashfs } from './an-app';

const model = new CheckoutModel('/device', {
  readCheckout: () => assert.fail('nothing is read'),
  watch: () => assert.fail('nothing is watched'),
});
const root: CheckoutNode = { kind: 'checkout', model };
const inGroup = (name: string): Partial<App> => ({
  container: {
    group: { name, from: 'run.json' },
    statusGoal: undefined,
    restartPolicy: undefined,
    hasVerifiedBase: false,
  },
});
const file = (path: string, size = 1) => ({ path, size, tracking: 'unchanged' }) as const;
const part = (name: string, kind: Part['kind'], ...files: readonly string[]): Part => ({
  name,
  kind,
  boots: undefined,
  files: files.map((one) => file(one)),
  missingFiles: [],
});

function arranged(apps: readonly App[], grouping: AppGrouping, parts: readonly Part[] = []) {
  return arrangeApps(root, aCheckout('/device', apps, { parts }), apps, grouping);
}

/** `kiosk < web` */
function places(nodes: readonly AppNode[]): readonly string[] {
  return nodes.map((node) => {
    const { parent } = node;
    if (parent.kind === 'checkout') return node.app.name;
    return `${node.app.name} < ${parent.kind === 'group' ? String(parent.name) : parent.app.name}`;
  });
}

describe('apps stand', () => {
  const web = anApp('web', { ...inGroup('app'), dependants: ['kiosk'] });
  const kiosk = anApp('kiosk', { ...inGroup('root'), base: undefined, baseApp: 'web', overlay: squashfs(5) });
  const tool = anApp('tool', { container: undefined });

  it('below the app that they extend, or one below the other', () => {
    assert.deepEqual(places(arranged([kiosk, tool, web], 'base')), ['tool', 'web', 'kiosk < web']);
    assert.deepEqual(places(arranged([kiosk, tool, web], 'none')), ['kiosk', 'tool', 'web']);
  });

  it('by group in the order in which a device starts them, those of none last', () =>
    assert.deepEqual(places(arranged([tool, web, kiosk], 'group')), [
      'kiosk < root',
      'web < app',
      'tool < undefined',
    ]));

  it('for themselves where the app that they extend is hidden, or extends one itself', () => {
    assert.deepEqual(places(arranged([kiosk], 'base')), ['kiosk']);
    const circle = [anApp('a', { baseApp: 'b' }), anApp('b', { baseApp: 'a' })];
    assert.deepEqual(places(arranged(circle, 'base')), ['a', 'b']);
  });

  it('are the same row wherever they stand', () => {
    const ids = (['base', 'group', 'none'] as const).map((grouping) => {
      const node = arranged([web, kiosk], grouping).find(({ app }) => app === kiosk);
      assert.ok(node);
      assert.deepEqual(appIdOf(node), { checkout: '/device', app: 'kiosk' });
      return nodeId(node);
    });
    assert.equal(new Set(ids).size, 1);
  });

  it('with the files that a device lays over theirs', () => {
    const parts = [part('_config', 'config', '_config/web/etc/x', '_config/webber/etc/y')];
    const [node] = arranged([anApp('web', { files: [file('run.json')] })], 'none', parts);
    assert.ok(node);
    const files = childrenOf({ kind: 'files', parent: node });
    assert.deepEqual(
      files.map((one) => one.kind === 'file' && [one.name, one.file.path]),
      [
        ['run.json', 'web/run.json'],
        ['_config/web/etc/x', '_config/web/etc/x'],
      ],
    );
  });
});

describe('below an app', () => {
  const kinds = (node: AppNode) => childrenOf(node).map(({ kind }) => kind);
  const web = anApp('web', { dependants: ['kiosk'] });
  const kiosk = anApp('kiosk', { base: undefined, baseApp: 'web', overlay: squashfs(5) });

  it('nothing is told that its place tells', () => {
    const [first, second] = arranged([web, kiosk], 'base');
    assert.ok(first && second);
    assert.deepEqual(
      [kinds(first), kinds(second)],
      [
        ['base', 'files'],
        ['overlay', 'files'],
      ],
    );
  });

  it('what it extends, and what extends it, is told elsewhere', () => {
    const [first, second] = arranged([web, kiosk], 'none');
    assert.ok(first && second);
    assert.deepEqual(kinds(first), ['base', 'dependants', 'files']);
    assert.deepEqual(kinds(second), ['overlay', 'baseApp', 'files']);
  });
});

describe('problems', () => {
  const ofApp = (app: string): Contradiction => ({ kind: 'config-without-app', app });

  it('are folded from two on', () => {
    const kinds = (...names: readonly string[]) =>
      problemNodes(root, names.map(ofApp)).map(({ kind }) => kind);
    assert.deepEqual([kinds(), kinds('a'), kinds('a', 'b')], [[], ['contradiction'], ['problems']]);
  });

  it('of signatures stand below these, where there are any', () => {
    const stale: Contradiction = { kind: 'stale-signature', file: '_sigs/web.json' };
    const contradictions = [stale, ofApp('a')];
    const signed = aCheckout('/device', [], {
      contradictions,
      parts: [part('_sigs', 'signatures', '_sigs/web.json')],
    });
    assert.deepEqual(problemsOfNoPart(signed), [ofApp('a')]);
    const [row] = partNodes(root, signed);
    assert.ok(row);
    assert.deepEqual(
      childrenOf(row).map(({ kind }) => kind),
      ['contradiction', 'file'],
    );
    assert.deepEqual(problemsOfNoPart(aCheckout('/device', [], { contradictions })), contradictions);
  });
});

describe('beside the apps', () => {
  const parts = [
    part('_config', 'config', '_config/web/etc/x'),
    part('_sigs', 'signatures', '_sigs/web.json'),
    part('bsp', 'bsp', 'bsp/run.json', 'bsp/modules.squashfs'),
    part('device.json', 'device', 'device.json'),
    part('notes', 'other'),
  ];

  it('stand bsp, folders and files, but for what belongs to an app or is not listed', () => {
    const names = (apps: readonly App[]) =>
      partNodes(root, aCheckout('/device', apps, { parts })).map((node) => node.part.name);
    assert.deepEqual(names([anApp('web')]), ['bsp', '_sigs', 'device.json']);
    assert.deepEqual(names([]), ['bsp', '_config', '_sigs', 'device.json']);
  });

  it('each row has its own name, and leads to the checkout', () => {
    const nodes: readonly TreeNode[] = partNodes(root, aCheckout('/device', [], { parts }));
    const all = nodes.flatMap((node) => [node, ...(node.kind === 'part' ? childrenOf(node) : [])]);
    assert.equal(new Set(all.map(nodeId)).size, all.length);
    for (const node of nodes) assert.equal(parentOf(node), root);
    const [bsp] = nodes;
    assert.ok(bsp?.kind === 'part');
    assert.deepEqual(
      childrenOf(bsp).map((node) => node.kind === 'file' && node.name),
      ['run.json', 'modules.squashfs'],
    );
  });
});
