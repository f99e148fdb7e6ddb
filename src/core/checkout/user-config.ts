import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncFile, syncFolder } from '../files/durable';
import { fileProblem } from '../files/file-problem';
import { makeFolder } from '../files/make-folder';
import { readTextFile } from '../files/text-file';
import { stringifyCompact, stringifyIndented } from '../json/indented';
import { parseJson } from '../json/parse';
import { describeKind, isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';

const fileName = 'config.json';

/** What pvr says of itself where nobody said otherwise, in its order (pvr libpvr/config.go). */
const defaults: JsonObject = new Map<string, JsonValue>([
  ['Spec', '1'],
  ['AutoUpgrade', true],
  ['DistributionTag', 'develop'],
]);

/**
 * Sets fields of `config.json` in pvr's own folder, as `pvr global-config` does, and writes it where it is missing. All of it is about
 * pvr itself; here it is kept.
 *
 * @param assignments `KEY=VALUE`; the last `=` counts. What pvr doesn't know is passed over, as it does.
 * @returns the text to be shown.
 * @throws Problem when the file is broken or can't be written, or a value is none for its field; nothing is written then.
 */
export async function configureUser(configFolder: string, assignments: readonly string[]): Promise<string> {
  const doing = `reading ${path.join(configFolder, fileName)}`;
  const text = await readTextFile(configFolder, fileName);
  const document = text === undefined ? new Map<string, JsonValue>() : parseJson(text, fileName);
  if (!isJsonObject(document)) {
    const found = `it holds ${describeKind(document)} instead of an object`;
    throw new Problem({ doing, found, remedy: 'Correct the file, or delete it' });
  }
  const fields = new Map([...defaults, ...document]);
  for (const assignment of assignments) {
    const at = assignment.lastIndexOf('=');
    const [key, value] = [assignment.slice(0, at), assignment.slice(at + 1)];
    if (at > 0 && defaults.has(key)) fields.set(key, fieldValue(key, value));
  }
  const updated = stringifyCompact(fields);
  if (updated !== text) await writeWhole(configFolder, updated);
  return stringifyIndented(fields, { prefix: '', indent: '    ' });
}

function fieldValue(key: string, value: string): JsonValue {
  const isSwitch = typeof defaults.get(key) === 'boolean';
  if (isSwitch === (value === 'true' || value === 'false')) return isSwitch ? value === 'true' : value;
  throw new Problem({
    doing: `setting ${key}`,
    found: `${JSON.stringify(value)} is ${isSwitch ? 'neither true nor false' : 'no text'}`,
    remedy: isSwitch ? `Write ${key}=true or ${key}=false` : 'Give it another value',
  });
}

async function writeWhole(folder: string, text: string): Promise<void> {
  const file = path.join(folder, fileName);
  const draft = `${file}.${randomUUID()}`;
  try {
    await makeFolder(folder);
    await writeFile(draft, text, { flag: 'wx' });
    await syncFile(draft);
    await rename(draft, file);
    await syncFolder(folder);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw fileProblem(`writing ${file}`, file, error);
  }
}
