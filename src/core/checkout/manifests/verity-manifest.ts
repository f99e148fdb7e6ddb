import { stringifyCanonical } from '../../json/canonical';
import { parseJson } from '../../json/parse';
import { describeKind, isJsonObject, type JsonObject } from '../../json/value';
import { Problem } from '../../problem';

/** What tells the device how to verify a volume: `_dm/<volume>.json` (pvr libpvr/dmlib.go:29-41). */
export interface VerityManifest {
  /** Everything in the file, known or not. */
  readonly document: JsonObject;
  /** The file that it is named after. */
  readonly volume: string;
  /** The file that is verified, in the app's folder. */
  readonly dataDevice: string;
  /** The file that holds the hash tree, in the app's folder. */
  readonly hashDevice: string;
  /** Lower-case hex; undefined when it is missing or makes no sense, here and in the rest. */
  readonly rootHash: string | undefined;
  readonly salt: Uint8Array | undefined;
  readonly uuid: Uint8Array | undefined;
}

/** What veritysetup makes, and pvr writes down. */
export interface MadeVerity {
  /** The file that holds the hash tree, in the app's folder. */
  readonly hashDevice: string;
  readonly rootHash: Uint8Array;
  readonly salt: Uint8Array;
  /** 16 bytes. */
  readonly uuid: Uint8Array;
}

/**
 * @param volume the file that the manifest is named after, which is what pvr calls its devices by.
 * @param name the manifest, for messages.
 * @throws Problem when the text isn't a JSON object.
 */
export function readVerityManifest(text: string, volume: string, name: string): VerityManifest {
  const document = parseJson(text, name);
  if (isJsonObject(document)) return manifestOf(document, volume);
  throw new Problem({
    doing: `reading ${name}`,
    found: `it holds ${describeKind(document)} instead of an object`,
    remedy: 'Delete it: the next build of the app makes it anew',
  });
}

/** The manifest of a volume that has had none. */
export function newVerityManifest(volume: string): VerityManifest {
  return manifestOf(new Map(), volume);
}

/** The text as pvr writes it, canonical; what else the file holds stays. */
export function verityManifestText(
  { document, volume }: VerityManifest,
  { hashDevice, rootHash, salt, uuid }: MadeVerity,
): string {
  return stringifyCanonical(
    new Map([
      ...document,
      ['type', 'dm-verity'],
      ['data_device', volume],
      ['hash_device', hashDevice],
      ['root_hash', hex(rootHash)],
      ['salt', salt.length === 0 ? noSalt : hex(salt)],
      ['uuid', hex(uuid).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')],
    ]),
  );
}

/** How veritysetup writes that there is none. */
const noSalt = '-';

function manifestOf(document: JsonObject, volume: string): VerityManifest {
  const matching = (key: string, pattern: RegExp) => {
    const value = document.get(key);
    return typeof value === 'string' && pattern.test(value) ? value : undefined;
  };
  const salt = matching('salt', /^(-|([\da-f]{2}){1,256})$/i);
  const uuid = matching('uuid', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i);
  return {
    document,
    volume,
    dataDevice: matching('data_device', /./) ?? volume,
    hashDevice: matching('hash_device', /./) ?? `${volume}.hash`,
    rootHash: matching('root_hash', /^[\da-f]{64}$/i)?.toLowerCase(),
    salt: salt === undefined ? undefined : Buffer.from(salt === noSalt ? '' : salt, 'hex'),
    uuid: uuid === undefined ? undefined : Buffer.from(uuid.replaceAll('-', ''), 'hex'),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
