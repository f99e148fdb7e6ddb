import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import packageJson from '../../../package.json';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'schemas');

/** A schema as plain data. */
export type Schema = Readonly<Record<string, unknown>>;

/** All of them, by file. */
export const schemas: ReadonlyMap<string, Schema> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.schema.json'))
    .map((name) => [name, JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Schema]),
);

// The words that only editors know are not checked.
const ajv = new Ajv({ allErrors: true, jsonPointers: true });
for (const [name, schema] of schemas) ajv.addSchema(schema, name);

/** What a schema says against a document: `/groups/0/name should be string`. */
export function faultsBy(schema: string, document: unknown): readonly string[] {
  if (ajv.validate(schema, document) === true) return [];
  return (ajv.errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ dataPath, message }) => `${dataPath} ${message ?? ''}`.trim());
}

/** The schemas that an editor applies to a file: it looks for each pattern at the end of the path. */
export function schemasFor(file: string): readonly string[] {
  return packageJson.contributes.jsonValidation.flatMap(({ fileMatch, url }) => {
    const patterns = typeof fileMatch === 'string' ? [fileMatch] : fileMatch;
    return patterns.some((pattern) => isMatch(pattern, file)) ? [path.basename(url)] : [];
  });
}

function isMatch(pattern: string, file: string): boolean {
  const source = pattern.replace(/[.]/g, '\\.').replace(/[*]/g, '[^/]*');
  return new RegExp(`(^|/)${source}$`).test(file);
}

/** What an editor says against a file. */
export function faultsOf(file: string, document: unknown): readonly string[] {
  return schemasFor(file).flatMap((schema) => faultsBy(schema, document));
}

/** The part of a schema at these keys. @throws Error where it has none. */
export function partOf(schema: string, ...keys: readonly string[]): Schema {
  let part: unknown = schemas.get(schema);
  for (const key of keys) part = isSchema(part) ? part[key] : undefined;
  if (!isSchema(part)) throw new Error(`${schema} has no ${keys.join('/')}`);
  return part;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
