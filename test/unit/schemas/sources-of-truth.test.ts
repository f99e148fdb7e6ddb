import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runFieldShapes, runManifestSpec } from '../../../src/core/checkout/checks/manifests';
import { knownStateSpecs } from '../../../src/core/checkout/checks/whole';
import { diskFiles, diskLists, diskTypes, poolFields } from '../../../src/core/checkout/manifests/device';
import { defaultGroups, parseGroups, runlevels } from '../../../src/core/checkout/manifests/groups';
import { restartPolicies, statusGoals } from '../../../src/core/checkout/manifests/run-manifest';
import { servicesSpec } from '../../../src/core/checkout/manifests/services';
import { sourceFieldShapes } from '../../../src/core/checkout/manifests/source-fields';
import {
  readSourceManifest,
  serviceManifestSpec,
} from '../../../src/core/checkout/manifests/source-manifest';
import { newVerityManifest, verityManifestText } from '../../../src/core/checkout/manifests/verity-manifest';
import { signatureSpec } from '../../../src/core/checkout/signatures';
import { dockerTemplate } from '../../../src/core/checkout/template/container';
import { renderRunFiles } from '../../../src/core/checkout/template/run-files';
import { persistenceKinds, rootOverlay } from '../../../src/core/checkout/template/storage';
import type { JsonValue } from '../../../src/core/json/value';
import packageJson from '../../../package.json';
import { isSchema, partOf, type Schema, schemas } from './schemas';

/** All schemas of a property with this name, wherever it stands. */
function schemasOf(name: string, within: unknown = [...schemas.values()]): readonly Schema[] {
  if (typeof within !== 'object' || within === null) return [];
  return Object.entries(within).flatMap(([key, part]: [string, unknown]) => {
    const own = isSchema(part) && key === 'properties' ? part[name] : undefined;
    return [...(isSchema(own) ? [own] : []), ...schemasOf(name, part)];
  });
}

/** Those of them that list their values. @throws Error when there is none: a test that compares nothing. */
function listsOf(name: string): readonly (readonly string[])[] {
  const lists = schemasOf(name).flatMap(({ enum: list }) =>
    Array.isArray(list) ? [list.filter((one): one is string => typeof one === 'string')] : [],
  );
  if (lists.length === 0) throw new Error(`no schema lists the values of ${name}`);
  return lists;
}

function assertLists(name: string, words: readonly string[]): void {
  for (const list of listsOf(name)) assert.deepEqual([...list].sort(), [...words].sort(), name);
}

const specOf = (schema: string) => partOf(schema, 'if', 'properties', '#spec');

describe('schemas and code', () => {
  it('know the same words', () => {
    for (const name of ['status_goal', 'PV_STATUS_GOAL']) assertLists(name, statusGoals);
    for (const name of ['restart_policy', 'PV_RESTART_POLICY']) assertLists(name, restartPolicies);
    for (const name of ['runlevel', 'PV_RUNLEVEL']) assertLists(name, runlevels);
    assertLists('persistence', persistenceKinds);
    const pattern = `^(${persistenceKinds.join('|')})(@.+)?$`;
    const persistence = partOf(
      'src.schema.json',
      'then',
      'properties',
      'persistence',
      'additionalProperties',
    );
    assert.equal(persistence['pattern'], pattern);
  });

  it('know the same kinds of files', () => {
    assert.equal(specOf('run.schema.json')['const'], runManifestSpec);
    assert.equal(specOf('src.schema.json')['const'], serviceManifestSpec);
    assert.equal(specOf('services.schema.json')['const'], servicesSpec);
    assert.equal(specOf('signature.schema.json')['const'], signatureSpec);
    assert.deepEqual(specOf('state.schema.json')['enum'], knownStateSpecs);
    assert.ok(listsOf('template').every((list) => list.includes(dockerTemplate)));
  });

  it('know the same disks, in the same lists and files', () => {
    const typeOf = (list: string) => ['definitions', list, 'items', 'properties', 'type'];
    const strict = partOf('device.schema.json', ...typeOf('strictDisks'));
    const otherwise = partOf('device.schema.json', ...typeOf('strictDisks'), 'else');
    const lenient = partOf('device.schema.json', ...typeOf('lenientDisks'));
    assert.deepEqual(
      otherwise['enum'],
      diskTypes.filter((type) => type !== 'dual'),
    );
    assert.deepEqual(strict['examples'], otherwise['enum']);
    assert.deepEqual(lenient['examples'], diskTypes);
    for (const [list, manner] of Object.entries(diskLists)) {
      const part = partOf('device.schema.json', 'then', 'properties', list);
      assert.deepEqual(part['allOf'], [{ $ref: `#/definitions/${manner}Disks` }]);
    }
    const matches = packageJson.contributes.jsonValidation.map(({ fileMatch }) => fileMatch);
    for (const file of Object.keys(diskFiles)) assert.ok(matches.includes(file), file);
  });

  it('want the same of a pool', () => {
    const pool = partOf(
      'device.schema.json',
      ...['then', 'properties', 'network', 'properties', 'pools', 'additionalProperties'],
    );
    assert.deepEqual(pool['required'], poolFields.always);
    assert.deepEqual(pool['then'], { required: [poolFields.macvlan] });
    assert.deepEqual(pool['else'], { required: [poolFields.bridge] });
  });

  it("have the same fields of src.json, of the same kinds, and those that Yocto's builds add", () => {
    const properties = partOf('src.schema.json', 'then', 'properties');
    assert.deepEqual(
      Object.keys(properties).sort(),
      [...Object.keys(sourceFieldShapes), 'pv_build_origin'].sort(),
    );
    const types: Readonly<Record<string, string>> = { a: 'string', an: 'object', true: 'boolean' };
    for (const [field, { expected }] of Object.entries(sourceFieldShapes)) {
      if (field === '#spec') continue;
      const type = expected.startsWith('a list') ? 'array' : types[expected.split(' ')[0] ?? ''];
      assert.equal(partOf('src.schema.json', 'then', 'properties', field)['type'], type, field);
    }
  });

  it('have the same fields of run.json', () => {
    const properties = partOf('run.schema.json', 'then', 'properties');
    for (const field of Object.keys(runFieldShapes)) assert.ok(field in properties, field);
    assert.ok(rootOverlay in partOf('run.schema.json', 'then', 'properties', 'storage', 'properties'));
  });

  it('have the same arguments of the template, and those of newer ones', () => {
    const asked = new Set([...argumentsOf('veth'), ...argumentsOf('phys')]);
    const known = Object.keys(partOf('src.schema.json', 'then', 'properties', 'args', 'properties'));
    assert.deepEqual(
      [...asked].filter((name) => !known.includes(name)),
      [],
    );
    const newer = /^PV_(AUTO_RECOVERY|NETWORK|SERVICES)(_|$)/;
    assert.deepEqual(
      known.filter((name) => !asked.has(name) && !newer.test(name)),
      [],
    );
  });

  it('have the same fields of _dm', () => {
    const made = {
      hashDevice: 'x.hash',
      rootHash: Buffer.alloc(32),
      salt: Buffer.alloc(32),
      uuid: Buffer.alloc(16),
    };
    const written = JSON.parse(verityManifestText(newVerityManifest('x'), made)) as object;
    assert.deepEqual(
      Object.keys(partOf('verity.schema.json', 'then', 'properties')).sort(),
      Object.keys(written).sort(),
    );
  });

  it("offer Pantavisor's own groups", () => {
    const offered = ['groups.schema.json', 'device.schema.json'].flatMap((name) => {
      const holder = name === 'groups.schema.json' ? partOf(name) : partOf(name, 'properties', 'groups');
      return holder['defaultSnippets'] as readonly { readonly body: unknown }[];
    });
    assert.equal(offered.length, 2);
    for (const { body } of offered) {
      const { list } = parseGroups(JSON.stringify(body), 'groups.json');
      assert.deepEqual(list, defaultGroups.list);
    }
  });
});

/** The arguments that the template asks for, of a container with this network. */
function argumentsOf(network: string): ReadonlySet<string> {
  const asked = new Set<string>();
  class Recorder extends Map<string, JsonValue> {
    override get(name: string): JsonValue | undefined {
      asked.add(name);
      return super.get(name);
    }
  }
  const text = JSON.stringify({
    '#spec': serviceManifestSpec,
    template: dockerTemplate,
    docker_config: { Cmd: ['x'] },
  });
  const manifest = readSourceManifest(text, 'web/src.json');
  const args = new Recorder([['PV_LXC_NETWORK_TYPE', network]]);
  renderRunFiles({
    app: 'web',
    manifest: { ...manifest, fields: { ...manifest.fields, args } },
    defaultGroup: undefined,
  });
  return asked;
}
