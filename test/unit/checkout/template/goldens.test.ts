import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readSourceManifest } from '../../../../src/core/checkout/manifests/source-manifest';
import { renderRunFiles } from '../../../../src/core/checkout/template/run-files';
import { stringifyCanonical } from '../../../../src/core/json/canonical';
import { parseJson } from '../../../../src/core/json/parse';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../../../src/core/json/value';

const goldens = path.join('test', 'fixtures', 'goldens');

function render(app: string, source: JsonObject, imageConfig: JsonObject, defaultGroup: string | undefined) {
  const document = new Map([...source, ['docker_config', imageConfig] as const]);
  return renderRunFiles({
    app,
    manifest: readSourceManifest(stringifyCanonical(document), `${app}/src.json`),
    defaultGroup,
  });
}

/**
 * pvr separates volumes by a backslash and an n, where it means a line feed (pvr
 * templates/builtin-lxc-docker.go:336).
 */
const fixed = (runJson: string) => runJson.replaceAll('",\\n"', '",\n"');

/** pvr never verifies an overlay, not even where src.json enables it for both files (builtin-lxc-docker.go:332-335). */
const verified = (runJson: string) => runJson.replace('\t"root.ovl.squashfs"', '\t"dm:root.ovl.squashfs"');

describe('the files that pvr generates with builtin-lxc-docker, byte for byte', () => {
  const cases = parseJson(readFileSync(path.join(goldens, 'template-goldens.json'), 'utf8'), 'the goldens');
  assert.ok(isJsonArray(cases) && cases.length === 53);
  for (const golden of cases) {
    const {
      title,
      app,
      src,
      docker_config: imageConfig,
      default_group: group,
      files,
      fixed_run_json,
    } = members(golden);
    it(text(title), () => {
      const rendered = render(text(app), object(src), object(imageConfig), optionalText(group));
      assert.equal(rendered.lxcContainerConf, optionalText(object(files).get('lxc.container.conf')));
      const expected = text(fixed_run_json ?? object(files).get('run.json'));
      assert.equal(
        rendered.runJson,
        title === 'dm-verity on base and overlay' ? verified(expected) : expected,
      );
      parseJson(rendered.runJson, 'run.json');
    });
  }

  const folders = readdirSync(path.join(goldens, 'template'));
  assert.equal(folders.length, 30);
  for (const folder of folders) {
    const read = (name: string) => {
      const file = path.join(goldens, 'template', folder, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    };
    const { Source, Docker, EffectiveGroup } = members(parseJson(read('input.json') ?? '', folder));
    it(folder, () => {
      const rendered = render('myapp', object(Source), object(Docker), optionalText(EffectiveGroup));
      parseJson(rendered.runJson, 'run.json');
      if (folder.endsWith('_ERROR')) {
        assert.equal(folder, '27_string_for_list_ERROR');
        assert.match(rendered.lxcContainerConf ?? '', /^lxc\.cap\.drop = sys_admin$/m);
        return;
      }
      assert.equal(rendered.lxcContainerConf, read('lxc.container.conf'));
      const expected = fixed(read('run.json') ?? '');
      assert.equal(rendered.runJson, folder === '19_dm_root_and_ovl_patch' ? verified(expected) : expected);
    });
  }
});

function members(value: JsonValue): Record<string, JsonValue | undefined> {
  return Object.fromEntries(object(value));
}

function object(value: JsonValue | undefined): JsonObject {
  assert.ok(isJsonObject(value));
  return value;
}

function text(value: JsonValue | undefined): string {
  assert.ok(typeof value === 'string');
  return value;
}

function optionalText(value: JsonValue | undefined): string | undefined {
  return value === undefined || value === null ? undefined : text(value);
}
