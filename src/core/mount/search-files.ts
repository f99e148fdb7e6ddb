import { type ByteString, byteStringToText } from '../bytes/byte-string';
import type { Job } from '../job';
import { type Node, type RegularFile, walk } from '../rootfs/tree';
import type { BlockContent } from '../squashfs/block-content';
import type { Mount } from './mounts';
import { textProbe } from './text-changes';

export interface SearchResult {
  /** Files whose path has the text. */
  readonly names: readonly ByteString[];
  readonly lines: readonly FoundLine[];
  /** There is more than is given. */
  readonly isCut: boolean;
}

/** A line that has the text. */
export interface FoundLine {
  readonly path: ByteString;
  /** Counted from 0. */
  readonly line: number;
  /** UTF-16 units before the text in the line, as editors count. */
  readonly column: number;
  /** UTF-16 units. */
  readonly length: number;
  /** The line, or what of a long one is around the text. */
  readonly preview: string;
}

const mostNames = 100;
const mostLines = 500;
/** Of lines in one file: a hit in every line of a log hides all else. */
const mostLinesOfFile = 50;
/** Bytes; text files that are longer are data. */
const largestSearched = 16 << 20;
const longestPreview = 200;

/**
 * Looks for a text in the paths and in the lines of all text files, in byte order of their paths; large and small letters
 * are the same unless the text has large ones, as ripgrep's `--smart-case` has it.
 *
 * @throws the signal's reason; Problem where a file is damaged.
 */
export async function searchFiles(mount: Mount, text: string, job: Job): Promise<SearchResult> {
  const fold =
    text === text.toLowerCase() ? (value: string) => value.toLowerCase() : (value: string) => value;
  const names: ByteString[] = [];
  const lines: FoundLine[] = [];
  const seen = new Set<Node<BlockContent>>();
  let isCut = false;
  if (text === '') return { names, lines, isCut };
  for (const [path, node] of walk(mount.root)) {
    job.signal.throwIfAborted();
    if (node.kind !== 'file') continue;
    if (fold(byteStringToText(path)).includes(text)) {
      if (names.length < mostNames) names.push(path);
      else isCut = true;
    }
    if (seen.has(node) || node.size > largestSearched || lines.length >= mostLines) continue;
    seen.add(node);
    const found = await linesWith(text, fold, mount, node, job);
    lines.push(...found.slice(0, mostLinesOfFile).map((line) => ({ path, ...line })));
    isCut ||= found.length > mostLinesOfFile || lines.length >= mostLines;
  }
  return { names, lines: lines.slice(0, mostLines), isCut };
}

async function linesWith(
  text: string,
  fold: (value: string) => string,
  mount: Mount,
  file: RegularFile<BlockContent>,
  job: Job,
): Promise<readonly Omit<FoundLine, 'path'>[]> {
  const found: Omit<FoundLine, 'path'>[] = [];
  let number = 0;
  for await (const line of linesOf(mount, file, job)) {
    const column = fold(line).indexOf(text);
    if (column >= 0) {
      found.push({ line: number, column, length: text.length, preview: previewOf(line, column) });
      if (found.length > mostLinesOfFile) break;
    }
    number += 1;
  }
  return found;
}

/** The lines of a text file; none of another. */
async function* linesOf(
  mount: Mount,
  file: RegularFile<BlockContent>,
  job: Job,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let position = 0;
  let begun = '';
  // A CR at the end of a chunk may be half of a CRLF.
  let held = '';
  for await (const chunk of mount.read(file, job)) {
    if (position < textProbe && chunk.subarray(0, textProbe - position).includes(0)) return;
    position += chunk.length;
    const decoded = held + decoder.decode(chunk, { stream: true });
    held = decoded.endsWith('\r') ? '\r' : '';
    const [first = '', ...others] = decoded.slice(0, decoded.length - held.length).split(/\r\n|\r|\n/);
    begun += first;
    for (const next of others) {
      yield begun;
      begun = next;
    }
  }
  yield begun + decoder.decode();
}

function previewOf(line: string, column: number): string {
  if (line.length <= longestPreview) return line.trim();
  const start = Math.max(0, column - longestPreview / 4);
  return `${start > 0 ? '…' : ''}${line.slice(start, start + longestPreview)}…`;
}
