import { findNodeAtLocation, parseTree, visit } from 'jsonc-parser';
import type { Place } from '../../core/checkout/contradictions/declaration';

/** Characters from the start of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a place is in its file's text; the first line, when it isn't there. */
export function findSpan(text: string, { path, volume, line }: Place): Span {
  const ofVolume = volume === undefined ? undefined : spanOfVolume(text, volume);
  const ofValue = path === undefined ? undefined : spanOfValue(text, path);
  const ofLine = line === undefined ? undefined : spanOfLine(text, line);
  return ofVolume ?? ofValue ?? ofLine ?? firstLine(text);
}

function spanOfValue(text: string, path: NonNullable<Place['path']>): Span | undefined {
  const root = parseTree(text);
  const node = root && findNodeAtLocation(root, [...path]);
  return node && { start: node.offset, end: node.offset + node.length };
}

/** The string that names a volume, perhaps verified by dm-verity. */
function spanOfVolume(text: string, volume: string): Span | undefined {
  let span: Span | undefined;
  visit(text, {
    onLiteralValue: (value, offset, length) => {
      if (value === volume || value === `dm:${volume}`) span ??= { start: offset, end: offset + length };
    },
  });
  return span;
}

function spanOfLine(text: string, beginning: string): Span | undefined {
  const start = `\n${text}`.indexOf(`\n${beginning}`);
  return start === -1 ? undefined : { start, end: endOfLine(text, start) };
}

function firstLine(text: string): Span {
  return { start: 0, end: endOfLine(text, 0) };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}
