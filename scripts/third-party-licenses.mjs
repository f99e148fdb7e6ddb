// Which packages a bundle holds, and the licences that they want to be shipped with it.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The text that goes beside a bundle: a section for each package that one of esbuild's inputs lies in, by name.
 *
 * @param inputs paths of files, from esbuild's metafiles.
 * @param others folders of what ships without being npm's, each with a package.json and a licence.
 */
export async function thirdPartyLicenses(inputs, others) {
  const folders = new Set([...inputs.map(packageFolder).filter((folder) => folder !== undefined), ...others]);
  const sections = await Promise.all([...folders].map(sectionOf));
  return `This program contains the following packages.\n\n${sections.sort().join('\n')}`;
}

/** `node_modules/a` for `node_modules/a/lib/x.js`, `…/node_modules/@s/b` for what lies in a scope. */
function packageFolder(input) {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll('\\', '/')) ?? [];
  return folder;
}

async function sectionOf(folder) {
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, license = 'see below', repository } = manifest;
  const source = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const heading = `${'='.repeat(80)}\n${name} ${version} · ${license}\n${source}\n${'='.repeat(80)}`;
  return `${heading}\n\n${await licenseText(folder, license)}\n`;
}

async function licenseText(folder, license) {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const file = names.find((name) => /^(licen[cs]e|copying)/i.test(name));
  return file === undefined
    ? `Licensed under ${license}.`
    : (await readFile(path.join(folder, file), 'utf8')).trim();
}
