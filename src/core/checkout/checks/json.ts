import { parseJson } from '../../json/parse';
import { Problem } from '../../problem';
import type { Contradiction } from '../contradictions/contradictions';
import { textOf, type PartRecord } from '../read-part';
import { isInlineJson, type TrackedFiles } from '../tracked-files';
import { unreadable } from '../unreadable';

/** JSON files that are empty or broken: every pvr command fails on them, in whichever folder they lie. */
export function findJsonContradictions(
  part: PartRecord,
  tracked: TrackedFiles,
  { except = () => false }: { readonly except?: (file: string) => boolean } = {},
): readonly Contradiction[] {
  return part.files.flatMap(({ path: file, size }): Contradiction[] => {
    if (!isInlineJson(file, tracked)) return [];
    if (size === 0) return [{ kind: 'empty-json', file }];
    const text = textOf(part, file);
    if (text === undefined || except(file)) return [];
    try {
      parseJson(text, file);
      return [];
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return [unreadable(file, problem)];
    }
  });
}
