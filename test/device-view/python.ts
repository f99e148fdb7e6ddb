import { createHash } from 'node:crypto';
import type { ByteString } from '../../src/core/bytes/byte-string';

/** As a source is seen by whoever imports it. */
export interface SourceFile {
  /** Whole seconds since 1970. */
  readonly mtime: number;
  readonly size: number;
}

/** `/lib/mod.py`, of which `/lib/__pycache__/mod.cpython-311.opt-1.pyc` is made; undefined of any other path. */
export function sourceOfCompiled(path: ByteString): ByteString | undefined {
  const [, folder, name] = /^(.*?)__pycache__\/([^/]+)\.pyc$/.exec(path) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  const parts = name.split('.');
  const tags = parts.at(-1)?.startsWith('opt-') === true ? 2 : 1;
  return `${folder}${parts.slice(0, -tags).join('.')}.py`;
}

/**
 * What Python makes of a compiled file, as importlib judges it (Lib/importlib/_bootstrap_external.py, `_classify_pyc` and
 * `_validate_timestamp_pyc`): one that goes by time and names that of its source is run whatever that time is, so the code and
 * all else in it count. Undefined of any other file, of which every byte does.
 */
export function freshCode(content: Buffer, source: SourceFile | undefined): string | undefined {
  if (content.length < 16 || content.readUInt32LE(4) !== 0 || source === undefined) return undefined;
  const isFresh =
    content.readUInt32LE(8) === source.mtime % 2 ** 32 && content.readUInt32LE(12) === source.size % 2 ** 32;
  if (!isFresh) return undefined;
  const hash = createHash('sha256');
  hash.update(content.subarray(0, 8)).update(content.subarray(12));
  return `fresh code ${hash.digest('hex')}`;
}
