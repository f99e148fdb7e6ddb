import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newSourceManifest } from '../../../../src/core/checkout/manifests/source-manifest';
import { parseVolumes } from '../../../../src/core/checkout/manifests/volumes';
import { renderRunFiles } from '../../../../src/core/checkout/template/run-files';
import { Problem } from '../../../../src/core/problem';

const parsed = (...volumes: readonly string[]) => Object.fromEntries(parseVolumes(volumes));
const foundIn = (...volumes: readonly string[]) => {
  try {
    parseVolumes(volumes);
  } catch (error) {
    assert.ok(error instanceof Problem);
    return error.found;
  }
  throw new Error(`${volumes.join(' ')} was not refused`);
};

describe('--volume', () => {
  it('names a folder and how long it is kept', () => {
    assert.deepEqual(parsed(), {});
    assert.deepEqual(parsed('/data:permanent', '/var/cache:boot', '/srv/db:revision'), {
      '/data': 'permanent',
      '/var/cache': 'boot',
      '/srv/db': 'revision',
    });
  });

  it('may name a disk', () => {
    assert.deepEqual(parsed('/data:permanent@usb-1', 'lxc-overlay:boot@dm'), {
      '/data': 'permanent@usb-1',
      'lxc-overlay': 'boot@dm',
    });
  });

  it('may lie over what the image has there: pvr takes ovl for the path', () => {
    assert.deepEqual(parsed('ovl:/var:permanent', 'ovl:/etc/ssl:revision@disk'), {
      'ovl:/var': 'permanent',
      'ovl:/etc/ssl': 'revision@disk',
    });
  });

  it('may be all that the container writes', () => {
    assert.deepEqual(parsed('lxc-overlay:permanent'), { 'lxc-overlay': 'permanent' });
  });

  it('has one spelling', () => {
    assert.deepEqual(parsed('/data/:permanent', 'ovl:/var/:boot'), {
      '/data': 'permanent',
      'ovl:/var': 'boot',
    });
  });

  it('is what the template makes volumes of', () => {
    const persistence = parseVolumes(['/data:permanent@usb', 'ovl:/var:revision', 'lxc-overlay:permanent']);
    const { runJson } = renderRunFiles({
      app: 'web',
      manifest: newSourceManifest({ persistence, docker_config: new Map() }),
      defaultGroup: undefined,
    });
    assert.deepEqual((JSON.parse(runJson) as { storage: unknown }).storage, {
      'docker--data': { persistence: 'permanent', disk: 'usb' },
      'dockerovl--var': { persistence: 'revision' },
      'lxc-overlay': { persistence: 'permanent' },
    });
  });

  it('is refused when it makes no sense, saying why', () => {
    assert.equal(foundIn('/data'), 'it does not say how long its content is kept');
    assert.equal(foundIn(''), 'it does not say how long its content is kept');
    assert.equal(foundIn('/data:'), '"" is no persistence');
    assert.equal(foundIn('/data:forever'), '"forever" is no persistence');
    assert.equal(foundIn('/data:Permanent'), '"Permanent" is no persistence');
    assert.equal(foundIn('ovl:/var'), '"/var" is no persistence');
    assert.equal(foundIn('/data:permanent@'), '"" is no disk');
    assert.equal(foundIn('/data:permanent@a@b'), '"a@b" is no disk');
    assert.equal(foundIn('/data:permanent@a b'), '"a b" is no disk');
    assert.equal(foundIn('data:permanent'), '"data" is not an absolute path');
    assert.equal(foundIn('ovl:var:permanent'), '"var" is not an absolute path');
    assert.equal(foundIn('ovl:lxc-overlay:permanent'), '"lxc-overlay" is not an absolute path');
    assert.equal(foundIn(':permanent'), '"" is not an absolute path');
    assert.match(foundIn('/:permanent'), /root folder.*lxc-overlay/);
    assert.match(foundIn('ovl:/:permanent'), /root folder.*lxc-overlay/);
    for (const path of ['/a/../b', '/a//b', '/./a', '//a', '/a/..', '/a//']) {
      assert.match(foundIn(`${path}:permanent`), /is not a plain path/, path);
    }
    for (const path of ['/a b', '/a,b', '/a:b', '/a@b', '/a\tb']) {
      assert.match(foundIn(`${path}:permanent`), /holds a space, a comma, a colon or an @/, path);
    }
  });

  it('is refused where two would be one', () => {
    assert.equal(foundIn('/data:permanent', '/data/:boot'), '/data is named twice');
    assert.equal(foundIn('lxc-overlay:boot', 'lxc-overlay:boot'), 'lxc-overlay is named twice');
    assert.equal(
      foundIn('/var/lib:permanent', '/var-lib:permanent'),
      'a device would keep it in the same place as /var/lib',
    );
    assert.equal(foundIn('/var:boot', '/data:boot', 'ovl:/var:boot'), '/var is named twice');
    assert.equal(Object.keys(parsed('/var/lib:boot', 'ovl:/var-lib:boot', '/var:boot')).length, 3);
  });
});
