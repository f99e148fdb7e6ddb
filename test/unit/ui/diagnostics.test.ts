import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixesFor, placeOf } from '../../../src/core/checkout/contradictions/contradictions';
import { withoutItem, withValue } from '../../../src/ui/diagnostics/edit-json';
import { findSpan } from '../../../src/ui/diagnostics/find-range';

/** As pvr writes it: the first indentation is deeper than its own. */
const pvrStyle = '{\n  "#spec": "service-manifest-src@1",\n  "args": {\n   "PV_GROUP": "old"\n  }\n }';

function spanned(text: string, ...place: [path?: (string | number)[], line?: string]): string {
  const [path, line] = place;
  const { start, end } = findSpan(text, { file: 'x', ...(path && { path }), ...(line && { line }) });
  return text.slice(start, end);
}

describe('a diagnostic is shown', () => {
  it('at the value that it is about', () => {
    assert.equal(spanned('{ "name": "web", "group": "x" }', ['group']), '"x"');
    assert.equal(spanned(pvrStyle, ['args', 'PV_GROUP']), '"old"');
  });

  it('at the volume that it is about, wherever run.json names it', () => {
    const at = (text: string) => {
      const { start, end } = findSpan(text, { file: 'x', path: ['volumes'], volume: 'a.squashfs' });
      return text.slice(start, end);
    };
    assert.equal(at('{"volumes": ["b.squashfs", "a.squashfs"]}'), '"a.squashfs"');
    assert.equal(at('{"root-volume": "dm:a.squashfs", "volumes": []}'), '"dm:a.squashfs"');
    assert.equal(at('{"volumes": ["b.squashfs"]}'), '["b.squashfs"]');
  });

  it('at the line that it is about, also at the first one', () => {
    assert.equal(
      spanned('lxc.a = 1\nlxc.rootfs.path = x\n', undefined, 'lxc.rootfs.path'),
      'lxc.rootfs.path = x',
    );
    assert.equal(spanned('lxc.rootfs.path = x', undefined, 'lxc.rootfs.path'), 'lxc.rootfs.path = x');
  });

  it('at the first line, when what it is about is missing or the file is broken', () => {
    assert.equal(spanned('{\n"a": 1}', ['group']), '{');
    assert.equal(spanned('', ['group']), '');
    assert.equal(spanned('not json\nat all', ['group']), 'not json');
  });
});

describe('a quick fix', () => {
  it('changes a value and leaves the rest as it is', () => {
    assert.equal(withValue(pvrStyle, ['args', 'PV_GROUP'], 'app'), pvrStyle.replace('old', 'app'));
  });

  it('adds what is missing, indented like the rest', () => {
    const text = '{\n\t"name": "web"\n}';
    assert.equal(withValue(text, ['group'], 'app'), '{\n\t"name": "web",\n\t"group": "app"\n}');
  });

  it('removes one item of a list', () => {
    assert.deepEqual(JSON.parse(withoutItem('{"volumes": ["a", "b"]}', ['volumes'], 'a')), {
      volumes: ['b'],
    });
    assert.equal(withoutItem('{"volumes": ["a"]}', ['volumes'], 'z'), '{"volumes": ["a"]}');
    assert.equal(withoutItem('broken', ['volumes'], 'z'), 'broken');
  });

  it('for an unknown group is any that exists', () => {
    const fixes = fixesFor({ kind: 'unknown-group', app: 'web', group: 'x', known: ['data', 'app'] });
    assert.deepEqual(fixes, [
      { kind: 'setGroup', app: 'web', group: 'data' },
      { kind: 'setGroup', app: 'web', group: 'app' },
    ]);
  });

  it('for a start before the base is to move the base, or the extension', () => {
    const contradiction = {
      kind: 'starts-before-base',
      app: 'shop',
      base: 'web',
      verdict: 'never',
      group: 'root',
      baseGroup: 'platform',
      isBaseVerified: false,
      isRecovered: false,
      earlierGroup: { name: 'root', reboots: true },
      laterGroup: 'app',
    } as const;
    assert.deepEqual(fixesFor(contradiction), [
      { kind: 'setGroup', app: 'web', group: 'root' },
      { kind: 'setGroup', app: 'shop', group: 'app' },
    ]);
    assert.deepEqual(fixesFor({ ...contradiction, earlierGroup: undefined, laterGroup: undefined }), []);
    assert.deepEqual(placeOf(contradiction), { file: 'shop/run.json', path: ['group'] });
  });

  it('for an unknown network pool is one that exists, or to define it', () => {
    const contradiction = {
      kind: 'unknown-pool',
      app: 'web',
      pool: 'x',
      isIncomplete: false,
      hasDevice: true,
      known: ['lab'],
    } as const;
    assert.deepEqual(fixesFor(contradiction), [
      { kind: 'setPool', app: 'web', pool: 'lab' },
      { kind: 'openFile', file: 'device.json' },
    ]);
    assert.deepEqual(fixesFor({ ...contradiction, hasDevice: false, known: [] }), []);
    assert.deepEqual(placeOf(contradiction), { file: 'web/run.json', path: ['network', 'pool'] });
  });

  it('for what a device lacks shows where it is asked for', () => {
    assert.deepEqual(
      placeOf({ kind: 'missing-service', app: 'web', service: 'nm', index: 2, exported: [] }),
      { file: 'web/run.json', path: ['services', 'required', 2] },
    );
    const disk = { kind: 'unknown-disk', volume: 'v', disk: 'usb', known: [] } as const;
    assert.deepEqual(placeOf({ ...disk, file: 'web/run.json' }), {
      ...{ file: 'web/run.json', path: ['storage', 'v', 'disk'] },
    });
    assert.deepEqual(placeOf({ ...disk, file: 'device.json' })?.path, ['volumes', 'v', 'disk']);
  });

  it('for an app that is only mounted and has no type is to give it one', () => {
    assert.deepEqual(fixesFor({ kind: 'mounted-without-type', app: 'web' }), [
      { kind: 'setField', file: 'web/run.json', field: 'type', value: 'lxc' },
    ]);
  });

  it('for a missing volume is to build it, or to do without it', () => {
    assert.deepEqual(fixesFor({ kind: 'missing-volume', app: 'web', file: 'web/sub/x.squashfs' }), [
      { kind: 'installApp', app: 'web' },
      { kind: 'removeVolume', app: 'web', volume: 'sub/x.squashfs' },
    ]);
  });

  it('for a digest unlike its file is about the app that the file belongs to', () => {
    const contradiction = {
      kind: 'wrong-digest',
      file: 'web/root.squashfs.docker-digest',
      digest: 'a',
      manifestDigest: 'b',
    } as const;
    assert.deepEqual(fixesFor(contradiction), [{ kind: 'installApp', app: 'web' }]);
    assert.deepEqual(placeOf(contradiction), { file: 'web/root.squashfs.docker-digest' });
    const unsaid = { ...contradiction, manifestDigest: undefined };
    assert.deepEqual(fixesFor(unsaid), [{ kind: 'installApp', app: 'web' }]);
    // What src.json says of an overlay is that there is none, and install would make that true.
    const ofOverlay = { ...unsaid, file: 'web/root.ovl.squashfs.docker-digest' };
    assert.deepEqual(fixesFor(ofOverlay), [{ kind: 'updateAsPatch', app: 'web' }]);
    const ofRootfs = { ...contradiction, file: 'web/root.squashfs.rootfs-digest' };
    assert.deepEqual(fixesFor(ofRootfs), [{ kind: 'installApp', app: 'web' }]);
  });

  it('for a layer that is missing is about the app whose file it is', () => {
    const contradiction = { kind: 'missing-layer', app: 'web', file: 'base/root.squashfs' } as const;
    assert.deepEqual(fixesFor(contradiction), [{ kind: 'installApp', app: 'base' }]);
  });
});
