import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkAppName } from '../../../src/core/checkout/app-name';
import { Problem } from '../../../src/core/problem';

const faultOf = (name: string, existing?: readonly string[]) => {
  try {
    checkAppName(name, existing);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.ok(error.doing.includes(JSON.stringify(name)));
    return error.found;
  }
};

describe('the name of an app', () => {
  it('is a plain one', () => {
    for (const name of [
      'web',
      'node-red',
      'pv_avahi',
      'v1.2',
      '0',
      'a'.repeat(100),
      'connect',
      'bsp2',
      'X',
      'constructor',
    ]) {
      assert.equal(faultOf(name, ['other']), undefined, name);
    }
  });

  it('is nothing that a file system, pvr or lxc.container.conf takes for something else', () => {
    for (const name of [
      '',
      '.',
      '..',
      '.pvr',
      '_config',
      '_web',
      'bsp',
      'BSP',
      'device.json',
      'Groups.json',
      'a/b',
      'a\\b',
      '/web',
      'a b',
      ' web',
      'web ',
      'a:b',
      'a,b',
      'a"b',
      'a*b',
      'a\0b',
      'a\nb',
      'web\n',
      'größe',
      '😀',
      '-web',
      '--force',
      'web.',
      'a'.repeat(101),
    ]) {
      assert.notEqual(faultOf(name), undefined, JSON.stringify(name));
    }
  });

  it('is a folder on Windows, too', () => {
    for (const name of ['con', 'NUL', 'aux.1', 'COM1', 'lpt9.squashfs', 'prn.']) {
      assert.notEqual(faultOf(name), undefined, name);
    }
    for (const name of ['console', 'com', 'com10', 'nul-1']) assert.equal(faultOf(name), undefined, name);
  });

  it('says what is wrong with it', () => {
    assert.equal(faultOf('_x'), 'names that begin with _ are for what is no app');
    assert.equal(faultOf('bsp'), 'that is where the board support package lies');
    assert.match(faultOf('a b') ?? '', /letters \(a to z\), digits/);
  });

  it('is free, whatever the case of its letters', () => {
    assert.equal(faultOf('web', ['web']), 'there is such an app already');
    assert.match(faultOf('Web', ['other', 'web']) ?? '', /there is an app web already, and not every system/);
    assert.equal(faultOf('web2', ['web']), undefined);
  });
});
