import type { KeyObject, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { type Environment, pvrFolderOfUser, setIn } from '../checkout/init';
import type { Jws } from '../checkout/signatures';
import { publicKeyIn } from '../checkout/verify-signature';
import { readTextFile } from '../files/text-file';
import { Problem } from '../problem';
import { type Remedy, remedy, way } from '../remedy';
import { certificatesInPem } from './certificates';
import {
  type AskPassphrase,
  isSameKey,
  needsPassphrase,
  nobodyToAsk,
  privateKeyIn,
  publicKeysIn,
} from './keys';
import { certificatesIn } from './verify-as-pvr';

/** Where keys may come from, besides what a command is told. */
export interface UserPlace {
  readonly env: Environment;
  readonly homeDirectory: string;
}

/** What a command is told. */
export interface SignerOptions {
  /** A file; undefined: `PVR_SIG_KEY`, else pvr's default. */
  readonly key?: string | undefined;
  /** A file, or `no`; undefined: `PVR_X5C_PATH`, else what fits. */
  readonly x5c?: string | undefined;
}

/** A private key, and where its certificates are to be looked for. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly file: string;
  /** A file, or `no`; undefined where nobody said anything. */
  readonly x5c: string | undefined;
  readonly defaultX5c: string;
}

/** The folder of pvr's default keys. */
function keyFolder({ env, homeDirectory }: UserPlace): string {
  return path.join(pvrFolderOfUser(env, homeDirectory), 'pvs');
}

/** The key that pvr takes where nobody names another. */
export function defaultKeyFile(place: UserPlace): string {
  return path.join(keyFolder(place), 'key.default.pem');
}

/** @throws Problem when there is no key, or it can't be read. */
export async function openSigningKey(
  options: SignerOptions,
  place: UserPlace,
  ask: AskPassphrase,
): Promise<SigningKey> {
  const file = keyFile(options, place);
  const text = await readPem(file, 'key', remedy`Name one ${way.signer('key')}`);
  return signingKey(await privateKeyIn(text, file, ask), file, options, place);
}

/** A private key that a person has chosen before. */
export interface ChosenKey {
  /** Absolute path. */
  readonly file: string;
  /** Its content, where a keychain keeps that. */
  readonly text?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** @throws Problem when it can't be read, or opened. */
export async function openChosenKey(
  { file, text, passphrase }: ChosenKey,
  place: UserPlace,
): Promise<SigningKey> {
  const ask = passphrase === undefined ? nobodyToAsk : () => Promise.resolve(passphrase);
  if (text === undefined) return openSigningKey({ key: file }, place, ask);
  return signingKey(await privateKeyIn(text, file, ask), file, {}, place);
}

/** The user's key, where there is one that can be read without asking anybody. */
export async function signingKeyAtHand(place: UserPlace): Promise<SigningKey | undefined> {
  const file = keyFile({}, place);
  try {
    const text = await readTextFile(path.dirname(file), path.basename(file));
    if (text === undefined || needsPassphrase(text)) return undefined;
    const key = await privateKeyIn(text, file, () => Promise.reject(new TypeError('nobody is asked')));
    return signingKey(key, file, {}, place);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function keyFile({ key }: SignerOptions, place: UserPlace): string {
  // An empty variable is as good as none.
  return path.resolve(key ?? setIn(place.env, 'PVR_SIG_KEY') ?? defaultKeyFile(place));
}

function signingKey(key: KeyObject, file: string, { x5c }: SignerOptions, place: UserPlace): SigningKey {
  const defaultX5c = path.join(keyFolder(place), 'x5c.default.pem');
  return { key, file, x5c: x5c ?? setIn(place.env, 'PVR_X5C_PATH'), defaultX5c };
}

/**
 * The certificates for a new signature of a key: those that were named, else those that the signature has so far, else pvr's
 * default ones.
 *
 * @param present the signature that is to be made anew.
 * @throws Problem when there are none, or they are of another key.
 */
export async function certificatesFor(
  { key, file, x5c, defaultX5c }: SigningKey,
  present?: Jws,
): Promise<readonly X509Certificate[]> {
  if (x5c === 'no') return [];
  if (x5c === undefined && present !== undefined && isKeyOf(key, present)) return chainOf(present) ?? [];
  const source = path.resolve(x5c ?? defaultX5c);
  const noChain = remedy`Name the certificates of the key ${way.signer('certificates')}`;
  const certificates = certificatesInPem(await readPem(source, 'certificate', noChain));
  const doing = `reading the certificates ${source}`;
  if (certificates[0] === undefined)
    throw new Problem({ doing, found: 'there is none in it', remedy: noChain });
  if (isSameKey(certificates[0].publicKey, key)) return certificates;
  throw new Problem({ doing, found: `the first is not one of the key ${file}`, remedy: noChain });
}

/** Whether a signature is one of this key: by all that it says of its key, and it says something. */
export function isKeyOf(key: KeyObject, signature: Jws): boolean {
  const { jwk } = signature.header;
  const [leaf] = chainOf(signature) ?? [];
  const named = [
    ...(jwk === undefined ? [] : [publicKeyIn(signature)]),
    ...(signature.header['x5c'] === undefined ? [] : [leaf?.publicKey]),
  ];
  return named.length > 0 && named.every((one) => one !== undefined && isSameKey(one, key));
}

/** The certificates that a signature brings along; undefined where one of them is none. */
export function chainOf({ header }: Jws): readonly X509Certificate[] | undefined {
  const x5c = header['x5c'];
  return Array.isArray(x5c) ? certificatesIn(x5c) : undefined;
}

/** What a command is told of whom to trust. */
export interface TrustOptions {
  /** A PEM file of public keys; undefined: `PVR_SIG_PUBKEY`. */
  readonly pubkey?: string | undefined;
  /** One of certificates; undefined: `PVR_SIG_CACERTS`, else pvr's default where there is no public key. */
  readonly cacerts?: string | undefined;
}

export interface Trusted {
  readonly publicKeys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
}

/** @throws Problem when a file can't be read, or there is nothing to trust. */
export async function readTrusted(options: TrustOptions, place: UserPlace): Promise<Trusted> {
  const pubkey = options.pubkey ?? setIn(place.env, 'PVR_SIG_PUBKEY');
  const given = options.cacerts ?? setIn(place.env, 'PVR_SIG_CACERTS');
  const cacerts =
    given ?? (pubkey === undefined ? path.join(keyFolder(place), 'cacerts.default.pem') : undefined);
  const unnamed = remedy`Name the certificates that devices trust ${way.signer('trusted')}`;
  const [keyText, certificateText] = await Promise.all([
    pubkey === undefined ? undefined : readPem(path.resolve(pubkey), 'public key', unnamed),
    cacerts === undefined ? undefined : readPem(path.resolve(cacerts), 'certificate', unnamed),
  ]);
  const certificates = certificateText === undefined ? [] : certificatesInPem(certificateText);
  if (certificateText !== undefined && certificates.length === 0) {
    const found = 'there is no certificate in it';
    throw new Problem({ doing: `reading the certificates ${cacerts ?? ''}`, found, remedy: unnamed });
  }
  return {
    publicKeys: keyText === undefined ? [] : publicKeysIn(keyText, pubkey ?? ''),
    certificates,
  };
}

/** @param what it should hold. */
async function readPem(file: string, what: string, remedy: Remedy): Promise<string> {
  const text = await readTextFile(path.dirname(file), path.basename(file));
  if (text !== undefined) return text;
  throw new Problem({ doing: `reading the ${what} ${file}`, found: 'there is no such file', remedy });
}
