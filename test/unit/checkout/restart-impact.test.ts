import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restartImpact, type AppPolicy } from '../../../src/core/checkout/restart-impact';

const apps: readonly AppPolicy[] = [
  { name: 'web', restartPolicy: { value: 'container', from: 'group' }, group: { name: 'app' } },
  { name: 'base', restartPolicy: { value: 'system', from: 'group' }, group: { name: 'data' } },
  { name: 'own', restartPolicy: { value: 'system', from: 'run.json' }, group: { name: 'app' } },
  { name: 'unknown', restartPolicy: undefined, group: { name: 'nowhere' } },
];
const effectOf = (...files: string[]) => restartImpact(files, apps).effect;

describe('what an update restarts', () => {
  it('is nothing when nothing changes that a device looks at', () => {
    assert.deepEqual(restartImpact([], apps), { effect: 'nothing', reason: 'nothing changes' });
    assert.deepEqual(restartImpact(['base/src.json'], apps), {
      effect: 'nothing',
      reason: 'devices do not look at base/src.json',
    });
    assert.equal(effectOf('_sigs/base.json', 'bsp/build.json'), 'nothing');
  });

  it('is the container alone where its policy says so', () => {
    assert.deepEqual(restartImpact(['web/src.json', 'web/root.ovl.squashfs'], apps), {
      effect: 'container',
      reason: 'web/root.ovl.squashfs changes, and only web restarts',
    });
    assert.equal(effectOf('_config/web/etc/motd'), 'container');
  });

  it('is refused where a verified base is to be opened again under an app that keeps it in use', () => {
    const policy = { restartPolicy: { value: 'container', from: 'group' }, group: { name: 'app' } } as const;
    const base: AppPolicy = { name: 'web', ...policy, holders: ['xshop'] };
    const both = [base, { name: 'xshop', ...policy }];
    assert.deepEqual(restartImpact(['web/root.ovl.squashfs'], both), {
      effect: 'refused',
      reason: "a device can't restart web alone: xshop keeps its verified base in use",
      remedy: 'Change xshop with it, or put web into a group whose restart policy is system',
    });
    // Both change; only the extension does; the base is not verified; the device reboots anyway.
    assert.equal(restartImpact(['web/root.squashfs', 'xshop/root.ovl.squashfs'], both).effect, 'container');
    assert.equal(restartImpact(['xshop/root.ovl.squashfs'], both).effect, 'container');
    assert.equal(restartImpact(['web/root.ovl.squashfs'], [{ name: 'web', ...policy }]).effect, 'container');
    assert.equal(restartImpact(['web/root.ovl.squashfs', 'bsp/run.json'], both).effect, 'reboot');
  });

  it('is several containers where files of several apps change', () => {
    const other: AppPolicy = {
      name: 'shop',
      restartPolicy: { value: 'container', from: 'group' },
      group: { name: 'app' },
    };
    const files = ['web/src.json', 'web/root.squashfs', 'shop/root.ovl.squashfs', 'web/run.json'];
    assert.deepEqual(restartImpact(files, [...apps, other]), {
      effect: 'container',
      reason: 'web/root.squashfs and shop/root.ovl.squashfs change, and only web and shop restart',
    });
  });

  it('is the device where the policy is the system’s, and says whose it is', () => {
    assert.deepEqual(restartImpact(['web/run.json', 'base/root.squashfs'], apps), {
      effect: 'reboot',
      reason: 'base/root.squashfs changes, and the restart policy of group data is system',
    });
    assert.deepEqual(restartImpact(['own/run.json'], apps), {
      effect: 'reboot',
      reason: 'own/run.json changes, and the restart policy of own itself is system',
    });
  });

  it('is the device where nobody knows, or where no container is concerned', () => {
    assert.equal(effectOf('unknown/root.squashfs'), 'reboot');
    for (const file of ['bsp/kernel.img', 'device.json', '_hostconfig/pvr/docker.json', 'gone/run.json']) {
      assert.deepEqual(restartImpact([file], apps), {
        effect: 'reboot',
        reason: `${file} changes, which belongs to no container`,
      });
    }
  });

  it('is told of removed folders, too', () => {
    assert.equal(effectOf('web', '_config/web', '_sigs/web.json'), 'container');
    assert.equal(effectOf('base'), 'reboot');
  });

  it('is not mistaken about apps whose names begin alike', () => {
    assert.equal(effectOf('website/run.json'), 'reboot');
    assert.equal(effectOf('_config/website/x'), 'reboot');
  });
});
