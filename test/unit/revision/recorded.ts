import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { certificatesInPem } from '../../../src/core/revision/certificates';
import { publicKeysIn } from '../../../src/core/revision/keys';

const folder = path.resolve(import.meta.dirname, '../../fixtures/signatures');

/** The path of a file with keys or certificates that are made for tests alone. */
export function testFile(name: string): string {
  return path.join(folder, `test-${name}.pem`);
}

export function testText(name: string): string {
  return readFileSync(testFile(name), 'utf8');
}

export function testCertificates(name: string): readonly X509Certificate[] {
  return certificatesInPem(testText(name));
}

export function testPublicKeys(name: string): readonly KeyObject[] {
  return publicKeysIn(testText(name), name);
}

export const rsaPublicKey = createPublicKey(testText('rsa.pub'));

/** What others said of a state; see the words in the file. */
export interface RecordedState {
  readonly what: string;
  readonly state: string;
  readonly mode: 'lenient' | 'strict';
  readonly pvrWithCertificates: 'ok' | 'fail';
  readonly pvrWithKeys: 'ok' | 'fail';
  readonly device: string;
}

export const recordedStates = (read('states.json') as { readonly cases: readonly RecordedState[] }).cases;

/** Signatures that pvr made of a state. */
export const madeByPvr = read('made-by-pvr.json') as Readonly<
  Record<string, { readonly state: string; readonly file: string; readonly signature: string }>
>;

function read(name: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
}
