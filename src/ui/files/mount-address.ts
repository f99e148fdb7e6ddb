import path from 'node:path';
import { type ByteString, byteStringFromText, byteStringToBytes } from '../../core/bytes/byte-string';
import type { MountFiles } from '../../core/mount/mounts';

/*
 * How a file of a mount is named in VS Code:
 *
 *   pvfs://<files>+<name of the mount>/etc/web.conf
 *
 * The authority says which SquashFS files are mounted. They are in hex, because VS Code writes authorities in small letters,
 * and all that is needed is there: an editor that VS Code opens again after a restart finds its file. The name is for people's
 * eyes; package.json (resourceLabelFormatters) has VS Code show it in place of the authority. A file has the same path in all
 * mounts, so that VS Code knows it for the same where two are compared.
 */

export const mountScheme = 'pvfs';

/** A place in a mount. */
export interface MountAddress {
  readonly files: MountFiles;
  /** No slash at its beginning; `''` is the root. */
  readonly path: ByteString;
}

/** The parts of a URI that are to be encoded by it. */
export interface AddressParts {
  readonly authority: string;
  readonly path: string;
}

export function addressParts({ files, path: inside }: MountAddress): AddressParts {
  const hex = Buffer.from(JSON.stringify(files), 'utf8').toString('hex');
  // What would be a user or a port in an authority, or have another form in small letters.
  const label = mountName(files)
    .toLowerCase()
    .replace(/[^a-z0-9._+ -]/g, '_');
  return { authority: `${hex}+${label}`, path: `/${inside.split('/').map(nameToText).join('/')}` };
}

/** Undefined of what {@link addressParts} does not make. */
export function parseAddress({ authority, path: whole }: AddressParts): MountAddress | undefined {
  const files = parseFiles(authority);
  if (files === undefined) return undefined;
  const names = whole.split('/').filter((part) => part !== '');
  return { files, path: names.map(textToName).join('/') };
}

export function parseFiles(authority: string): MountFiles | undefined {
  const [hex = ''] = authority.split('+');
  try {
    const files = JSON.parse(Buffer.from(hex, 'hex').toString('utf8')) as unknown;
    if (!Array.isArray(files) || files.length === 0) return undefined;
    return files.every((file): file is string => typeof file === 'string') ? files : undefined;
  } catch {
    return undefined;
  }
}

/** `web root.squashfs + web root.ovl.squashfs`: each file with its folder, since those of all apps are called the same. */
export function mountName(files: MountFiles): string {
  return files
    .map((file) => [path.basename(path.dirname(file)), path.basename(file)].filter(Boolean).join(' '))
    .join(' + ');
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** One character of UTF-8, as bytes (RFC 3629, section 4). */
const character =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[^]/g;
const replacement = '\uFFFD';

/**
 * A name as text, of which {@link textToName} makes the same name: U+FFFD and two hex digits stand for a byte that is not
 * UTF-8, and for each byte of U+FFFD itself.
 */
export function nameToText(name: ByteString): string {
  return name.replace(character, (bytes) => {
    const text = textOf(bytes);
    return text === undefined || text === replacement ? escaped(bytes) : text;
  });
}

export function textToName(text: string): ByteString {
  return text
    .split(/(\uFFFD[0-9a-f]{2})/)
    .map((part) =>
      part.startsWith(replacement) && part.length === 3
        ? String.fromCharCode(parseInt(part.slice(1), 16))
        : byteStringFromText(part),
    )
    .join('');
}

function textOf(bytes: ByteString): string | undefined {
  try {
    return decoder.decode(byteStringToBytes(bytes));
  } catch {
    return undefined;
  }
}

function escaped(bytes: ByteString): string {
  return [...byteStringToBytes(bytes)]
    .map((byte) => `${replacement}${byte.toString(16).padStart(2, '0')}`)
    .join('');
}
