import { type KeyObject, verify, type X509Certificate } from 'node:crypto';
import { matchesGlob } from '../checkout/glob';
import { signatureSpec } from '../checkout/signatures';
import { goList } from '../json/indented';
import { certificateFrom, chainFailure, nameOf } from './certificates';
import { deviceItems, deviceMember, type DevicePair, devicePairs, deviceTokens } from './device-json';
import { refused, type Verdict, verified } from './verdict';

/** What a device takes for granted. */
export interface DeviceTrust {
  /** Its trust store (`PV_SECUREBOOT_TRUSTSTORE`), for signatures that bring their certificates along. */
  readonly certificates: readonly X509Certificate[];
  /** Its `pub.pem`, for those that don't. */
  readonly publicKey: KeyObject | undefined;
  /** Of a device whose maker signs, too. */
  readonly oem?: OemTrust | undefined;
  /** When certificates must be valid. */
  readonly at: Date;
}

export interface OemTrust {
  /** `PV_OEM_NAME`, which is the common name of the certificates of the maker. */
  readonly name: string;
  /** `PV_SECUREBOOT_OEM_TRUSTSTORE`, in place of the other store for what they may sign. */
  readonly certificates: readonly X509Certificate[];
}

/** `PV_SECUREBOOT_MODE`; what is not covered is let pass in `audit`, with a word in the log. */
export type SecureBootMode = 'lenient' | 'strict' | 'audit';

/** What Pantavisor makes of a state. Plain data. */
export interface DeviceVerdict {
  /** `crash`: Pantavisor itself ends, before it has come to a verdict. */
  readonly outcome: 'accepted' | 'refused' | 'crash';
  /** Of a refusal or crash, in Pantavisor's own words where it has some. */
  readonly reason?: string;
  /** By the key of the state, in its order. */
  readonly signatures: readonly { readonly file: string; readonly verdict: Verdict }[];
  /** Keys that no signature includes or excludes, apart from `_sigs/…`. A device counts them in strict mode. */
  readonly uncovered: readonly string[];
}

/** Words of Pantavisor's log (signature.c, pv_signature_sign_state_str). */
const notValid = 'Signature validation failed';
const notCovered = 'State not fully covered by signatures';

/**
 * What a device says of a state: a port of Pantavisor's signature.c (2026), to the order of the members and the bytes of their
 * values.
 *
 * @param state the text that is sent to the device.
 */
export function verifyAsDevice(state: string, trust: DeviceTrust, mode: SecureBootMode): DeviceVerdict {
  const pairs = devicePairs(bytesOf(state));
  const covered = new Set<string>();
  const signatures: { file: string; verdict: Verdict }[] = [];
  for (const { key, value } of pairs) {
    const found = signatureIn(value);
    if (found === 'none') continue;
    const verdict = found === 'crash' ? 'crash' : verifyPair(found, pairs, covered, trust);
    if (verdict === 'crash') {
      const reason =
        found === 'crash' ? `the text that ${textOf(key)} holds` : `the header of ${textOf(key)}`;
      return { outcome: 'crash', reason, signatures, uncovered: [] };
    }
    signatures.push({ file: textOf(key), verdict });
  }
  const uncovered = pairs
    .map(({ key }) => key)
    .filter((key) => !key.startsWith('_sigs/') && !covered.has(key))
    .map(textOf);
  if (signatures.some(({ verdict }) => verdict.outcome !== 'verified'))
    return { outcome: 'refused', reason: notValid, signatures, uncovered };
  if (mode === 'strict' && uncovered.length > 0)
    return { outcome: 'refused', reason: notCovered, signatures, uncovered };
  return { outcome: 'accepted', signatures, uncovered };
}

/** What its members hold, in bytes. */
interface DeviceSignature {
  readonly protected: string;
  readonly signature: string;
}

/**
 * Whether a member of the state is a signature. One whose text jsmn can't read is taken for one without any fields, which are
 * then read all the same.
 */
function signatureIn(value: string): DeviceSignature | 'none' | 'crash' {
  const tokens = deviceTokens(value);
  if (tokens === undefined) return 'crash';
  if (deviceMember(value, tokens, '#spec') !== signatureSpec) return 'none';
  const [header, signature] = ['protected', 'signature'].map((key) => deviceMember(value, tokens, key));
  return header === undefined || signature === undefined ? 'none' : { protected: header, signature };
}

const digests: ReadonlyMap<string | undefined, string> = new Map([
  ['RS256', 'sha256'],
  ['ES256', 'sha256'],
  ['ES384', 'sha384'],
  ['ES512', 'sha512'],
]);

function verifyPair(
  signature: DeviceSignature,
  pairs: readonly DevicePair[],
  covered: Set<string>,
  trust: DeviceTrust,
): Verdict | 'crash' {
  const header = decoded(signature.protected);
  const tokens = header === undefined ? undefined : deviceTokens(header);
  if (header === undefined || tokens === undefined) return refused('its header can not be read');
  const member = (key: string) => deviceMember(header, tokens, key);
  const [pvs, alg, x5c] = [member('pvs'), member('alg'), member('x5c')];
  if (member('typ') !== 'PVS' || pvs === undefined || alg === undefined)
    return refused('its header has no typ PVS, pvs or alg');
  const chain = x5c === undefined ? [] : deviceItems(x5c);
  if (chain === undefined) return refused('its x5c holds no certificate');
  const pvsTokens = deviceTokens(pvs);
  const [include, exclude] = ['include', 'exclude'].map((key) =>
    pvsTokens === undefined ? undefined : deviceMember(pvs, pvsTokens, key),
  );
  if (include === undefined || exclude === undefined) return 'crash';
  const selected = selectPairs({ include, exclude }, pairs);
  selected.covered.forEach((key) => covered.add(key));
  const digest = digests.get(alg);
  if (digest === undefined) return refused(`no device knows the algorithm ${textOf(alg)}`);
  const key = keyFor(chain, selected.included, trust);
  if (typeof key === 'string') return refused(key);
  const payload = payloadOf(pairs.filter((pair) => selected.included.has(pair.key)));
  const bytes = decoded(signature.signature);
  if (bytes === undefined) return refused('its signature can not be read');
  return isOver(digest, signature.protected, payload, bytes, key)
    ? verified
    : refused('it is not one over the state as a device reads it, or made with another key');
}

function isOver(digest: string, header: string, payload: string, signature: string, key: KeyObject): boolean {
  try {
    const input = `${header}.${Buffer.from(payload, 'latin1').toString('base64url')}`;
    const bytes = Buffer.from(signature, 'latin1');
    // A signature of EC keys is DER to mbedTLS, while JSON Web Signatures have two bare numbers.
    return verify(digest, Buffer.from(input, 'latin1'), { key, dsaEncoding: 'der' }, bytes);
  } catch {
    return false;
  }
}

/** @param chain DER in base64. @returns why there is none that is trusted. */
function keyFor(
  chain: readonly string[],
  included: ReadonlySet<string>,
  trust: DeviceTrust,
): KeyObject | string {
  if (chain.length === 0)
    return trust.publicKey ?? 'it has no certificate, and there is no public key that a device would have';
  const certificates = chain.flatMap((one) => certificateFrom(Buffer.from(one, 'base64')) ?? []);
  if (certificates.length !== chain.length) return 'one of its certificates is none';
  const anchors = storeFor(certificates[0], included, trust);
  const failure = chainFailure(certificates, { anchors, at: trust.at, use: 'any' });
  return failure ?? certificates[0]?.publicKey ?? 'it has no certificate';
}

/** The maker's own store counts for its certificates, but not for the bsp, nor for what is named like the maker (_is_oem_signable). */
function storeFor(
  leaf: X509Certificate | undefined,
  included: ReadonlySet<string>,
  { certificates, oem }: DeviceTrust,
): readonly X509Certificate[] {
  if (oem?.name !== nameOf(leaf)) return certificates;
  const isOthers = (key: string) =>
    ['bsp/**', `${oem.name}/**`].some((pattern) => matchesOnDevice(pattern, textOf(key)));
  return [...included].some(isOthers) ? certificates : oem.certificates;
}

/** Arrays of patterns as JSON texts, in bytes. */
interface PatternTexts {
  readonly include: string;
  readonly exclude: string;
}

interface SelectedPairs {
  readonly included: ReadonlySet<string>;
  /** What any of the patterns matches. */
  readonly covered: ReadonlySet<string>;
}

function selectPairs({ include, exclude }: PatternTexts, pairs: readonly DevicePair[]): SelectedPairs {
  const matching = (patterns: string) => {
    const items = deviceItems(patterns) ?? [];
    return pairs
      .map(({ key }) => key)
      .filter((key) => items.some((pattern) => matchesOnDevice(textOf(pattern), textOf(key))));
  };
  const included = matching(include);
  const excluded = new Set(matching(exclude));
  return {
    included: new Set(included.filter((key) => !excluded.has(key))),
    covered: new Set([...included, ...excluded]),
  };
}

/** As signature.c matches: a lone `**` is an empty pattern with the flag `FNM_LEADING_DIR`, and matches no path of a state. */
export function matchesOnDevice(pattern: string, key: string): boolean {
  return pattern !== '**' && matchesGlob(pattern, key);
}

/** Objects and arrays as they stand there, and all else in quotes; of nothing, a text that is no JSON. */
function payloadOf(pairs: readonly DevicePair[]): string {
  const members = pairs.map(({ key, value }) =>
    /^[{[]/.test(value) ? `"${key}":${value}` : `"${key}":"${value}"`,
  );
  return members.length === 0 ? '}' : `{${members.join(',')}}`;
}

/**
 * What a device would verify a signature with these patterns against.
 *
 * @param state the text that is sent to the device.
 */
export function payloadAsDevice(
  state: string,
  patterns: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): { readonly payload: string; readonly included: ReadonlySet<string> } {
  const pairs = devicePairs(bytesOf(state));
  const texts = {
    include: bytesOf(goList(patterns.include)),
    exclude: bytesOf(goList(patterns.exclude)),
  };
  const { included } = selectPairs(texts, pairs);
  return {
    payload: textOf(payloadOf(pairs.filter(({ key }) => included.has(key)))),
    included: new Set([...included].map(textOf)),
  };
}

/** Keys of members whose text makes Pantavisor end when it looks for signatures. */
export function crashingMembers(state: string): readonly string[] {
  return devicePairs(bytesOf(state))
    .filter(({ value }) => deviceTokens(value) === undefined)
    .map(({ key }) => textOf(key));
}

function decoded(base64url: string): string | undefined {
  if (!/^[\w+/-]*={0,2}$/.test(base64url)) return undefined;
  return Buffer.from(base64url, 'base64url').toString('latin1');
}

/** A character for each byte, as the tokens of a device need them. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
