import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { sourceFieldOrder } from '../../../../src/core/checkout/manifests/source-fields';
import {
  formatSourceManifest,
  newSourceManifest,
  readSourceManifest,
  requireSound,
  sourceKind,
  sourceManifestText,
  withFields,
} from '../../../../src/core/checkout/manifests/source-manifest';
import { sameJson, stringifyCanonical } from '../../../../src/core/json/canonical';
import { withSortedKeys } from '../../../../src/core/json/key-order';
import { parseJson } from '../../../../src/core/json/parse';
import { isJsonArray, isJsonObject } from '../../../../src/core/json/value';
import { Problem } from '../../../../src/core/problem';

const read = (text: string) => readSourceManifest(text, 'web/src.json');
const written = (text: string) => sourceManifestText(read(text));

/** As `pvr clone` lays it out: four spaces, keys in order. */
const cloned = `{
    "#spec": "service-manifest-src@1",
    "args": {
        "PV_GROUP": "app"
    },
    "docker_config": {
        "Cmd": ["a"],
        "OnBuild": null
    },
    "docker_digest": "nginx@sha256:1",
    "docker_name": "nginx",
    "pv_build_origin": "yocto",
    "template": "builtin-lxc-docker"
}`;

describe('the text of src.json', () => {
  const goldens = parseJson(
    readFileSync(path.join('test', 'fixtures', 'goldens', 'src-json-goldens.json'), 'utf8'),
    'the goldens',
  );
  assert.ok(isJsonArray(goldens) && goldens.length === 6);

  for (const golden of goldens) {
    assert.ok(isJsonObject(golden));
    const title = golden.get('title');
    const value = golden.get('value');
    const text = golden.get('text');
    assert.ok(typeof title === 'string' && typeof text === 'string' && isJsonObject(value));

    it(`${title}: is laid out byte for byte as pvr does`, () => {
      // Go writes a struct's fields in the order of the struct, and the keys of maps sorted.
      const asStruct = sourceFieldOrder.flatMap((key) => {
        const member = value.get(key);
        return member === undefined ? [] : [[key, withSortedKeys(member)] as const];
      });
      assert.equal(formatSourceManifest(new Map(asStruct)), text);
      assert.equal(formatSourceManifest(read(text).document), text);
    });

    it(`${title}: is built from its fields alone`, () => {
      const { fields } = read(stringifyCanonical(value));
      const withoutNullLines = text.replaceAll(/\n *"[A-Za-z]+": null,/g, '');
      assert.equal(sourceManifestText(newSourceManifest(fields)), withoutNullLines);
      assert.doesNotMatch(withoutNullLines, /null/);
    });
  }

  it('holds no null, neither in known fields nor in others', () => {
    assert.equal(
      written(
        '{"#spec":"s","args":null,"docker_config":{"OnBuild":null,"Env":["a",null]},"x":{"y":null},"z":null}',
      ),
      '{\n  "#spec": "s",\n  "docker_config": {\n   "Env": [\n    "a"\n   ]\n  },\n  "x": {}\n }',
    );
  });

  it('leaves out what is empty, as pvr does, but only of the fields that pvr knows', () => {
    assert.equal(
      written('{"#spec":"","base":"","args":{},"logs":[],"pvr_digest":false,"new":"","more":{}}'),
      '{\n  "#spec": "",\n  "new": "",\n  "more": {}\n }',
    );
  });

  it('keeps numbers as they are written', () => {
    assert.match(
      written('{"docker_config":{"n":12345678901234567890,"m":1.50}}'),
      /12345678901234567890,\n.*1\.50\n/,
    );
  });
});

describe('reading src.json', () => {
  it('gives the known fields, whatever the layout', () => {
    const { fields, faults } = read(cloned);
    assert.equal(fields.docker_digest, 'nginx@sha256:1');
    assert.equal(fields.args?.get('PV_GROUP'), 'app');
    assert.equal(fields.base, undefined);
    assert.deepEqual(faults, []);
  });

  it('takes null for absent', () => {
    const { fields, faults } = read(
      '{"base":null,"args":null,"exports":["a",null],"persistence":{"/x":null}}',
    );
    assert.equal(fields.base, undefined);
    assert.deepEqual(fields.exports, ['a']);
    assert.equal(fields.persistence?.size, 0);
    assert.deepEqual(faults, []);
  });

  it('reports fields of the wrong kind, and still gives the others', () => {
    const manifest = read(
      '{"docker_name":7,"args":["a"],"persistence":{"/x":1},"exports":"run/a","docker_tag":"1"}',
    );
    assert.equal(manifest.fields.docker_tag, '1');
    assert.equal(manifest.fields.docker_name, undefined);
    assert.deepEqual(manifest.faults, [
      { key: 'docker_name', expected: 'a string', found: 'a number' },
      { key: 'args', expected: 'an object', found: 'a list' },
      { key: 'persistence', expected: 'an object of strings', found: 'an object' },
      { key: 'exports', expected: 'a list of strings', found: 'a string' },
    ]);
    assert.throws(
      () => requireSound(manifest, 'web/src.json'),
      /"docker_name" is a number instead of a string; "args"/,
    );
    assert.doesNotThrow(() => requireSound(read(cloned), 'web/src.json'));
  });

  it('refuses what is no object', () => {
    for (const text of ['[]', 'null', '"x"', '1', '', '{']) assert.throws(() => read(text), Problem);
  });

  it('is not misled by keys that objects of JavaScript have', () => {
    const { fields, faults } = read('{"__proto__":{"base":"x"},"constructor":1,"toString":2}');
    assert.equal(fields.base, undefined);
    assert.deepEqual(faults, []);
  });

  it('tells what the app is made from', () => {
    assert.equal(sourceKind(read(cloned)), 'docker');
    assert.equal(sourceKind(read('{"rootfs_url":"https://x/y.tgz"}')), 'rootfs');
    assert.equal(sourceKind(read('{"rootfs_url":"https://x/y.tgz","pvr":"https://pvr/x"}')), 'rootfs');
    assert.equal(sourceKind(read('{"pvr":"","rootfs_url":""}')), 'docker');
  });
});

describe('changing src.json', () => {
  const keys = (text: string, changes: Parameters<typeof withFields>[1]) => [
    ...withFields(read(text), changes).document.keys(),
  ];

  it('keeps the place of a field that exists, and of everything unknown', () => {
    const changed = withFields(read(cloned), { docker_digest: 'nginx@sha256:2', template: undefined });
    assert.deepEqual(
      [...changed.document.keys()],
      ['#spec', 'args', 'docker_config', 'docker_digest', 'docker_name', 'pv_build_origin'],
    );
    assert.equal(changed.fields.docker_digest, 'nginx@sha256:2');
    assert.equal(changed.document.get('pv_build_origin'), 'yocto');
    assert.equal(read(cloned).fields.docker_digest, 'nginx@sha256:1');
  });

  it('puts a new field where pvr has it among those that are there', () => {
    const structOrder = '{"#spec":"s","template":"t","docker_digest":"d","x":1,"docker_source":"local"}';
    assert.deepEqual(
      keys(structOrder, { docker_ovl_digest: 'o', base: 'b', persistence: new Map([['/d', 'boot']]) }),
      [
        'base',
        '#spec',
        'template',
        'docker_digest',
        'docker_ovl_digest',
        'x',
        'docker_source',
        'persistence',
      ],
    );
    assert.deepEqual(keys(cloned, { docker_ovl_digest: 'o' }).slice(3, 5), [
      'docker_digest',
      'docker_ovl_digest',
    ]);
    assert.deepEqual(keys('{"x":1}', { docker_tag: 't', base: 'b' }), ['x', 'base', 'docker_tag']);
  });

  it('comes back to the same text when a change is taken back', () => {
    const patched = withFields(read(cloned), { docker_ovl_digest: 'o' });
    assert.equal(sourceManifestText(withFields(patched, { docker_ovl_digest: undefined })), written(cloned));
  });

  it('writes new objects with their keys in order, as Go does', () => {
    const args = parseJson('{"b":"1","a":{"d":"2","c":"3"}}', 'test');
    assert.ok(isJsonObject(args));
    const { document } = withFields(read('{}'), { args });
    assert.equal(
      formatSourceManifest(document).replaceAll(/\s/g, ''),
      '{"args":{"a":{"c":"3","d":"2"},"b":"1"}}',
    );
  });

  it('repairs a broken field by setting it', () => {
    const repaired = withFields(read('{"docker_name":7}'), { docker_name: 'nginx' });
    assert.deepEqual(repaired.faults, []);
    assert.ok(sameJson(repaired.document, parseJson('{"docker_name":"nginx"}', 'test')));
  });
});
