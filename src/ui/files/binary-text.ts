import { env, l10n } from 'vscode';
import type { BinaryComparison, BinaryFacts } from '../../core/mount/binary-facts';
import type { ElfFacts } from '../../core/mount/elf';
import { formatSize } from '../../core/presentation/size';

/** What can be told of one side of a binary file, a line for each thing, so that an editor shows what differs. */
export function binaryText(comparison: BinaryComparison, side: 'before' | 'after'): string {
  const facts = comparison[side];
  if (facts === undefined) return '';
  return `${[...sizeLines(facts), ...differenceLines(comparison), ...elfLines(facts.elf)].join('\n')}\n`;
}

function sizeLines({ size }: BinaryFacts): readonly string[] {
  const bytes = l10n.t('{0} bytes', size.toLocaleString(env.language));
  return [l10n.t('Binary file'), l10n.t('Size: {0}', size < 1000 ? bytes : `${formatSize(size)} (${bytes})`)];
}

function differenceLines({ before, after, same }: BinaryComparison): readonly string[] {
  if (before === undefined || after === undefined || same === undefined) return [];
  if (same === before.size && same === after.size)
    return [l10n.t('First difference: none, the content is the same')];
  const offset = `${same.toLocaleString(env.language)} (0x${same.toString(16)})`;
  if (same === Math.min(before.size, after.size))
    return [l10n.t('First difference: at byte {0}, where the shorter one ends', offset)];
  return [l10n.t('First difference: at byte {0}', offset)];
}

function elfLines(elf: ElfFacts | undefined): readonly string[] {
  if (elf === undefined) return [];
  const { bits, byteOrder, type, machine, buildId, interpreter, soname, needed } = elf;
  const order = byteOrder === 'little' ? l10n.t('little endian') : l10n.t('big endian');
  return [
    '',
    `ELF: ${[type ?? l10n.t('other'), machine, l10n.t('{0} bit', bits), order].join(', ')}`,
    `Build ID: ${buildId ?? l10n.t('none')}`,
    ...(soname === undefined ? [] : [`SONAME: ${soname}`]),
    ...(interpreter === undefined ? [] : [l10n.t('Interpreter: {0}', interpreter)]),
    ...(needed.length === 0
      ? [l10n.t('Needs no other library')]
      : [l10n.t('Needs:'), ...needed.map((name) => `  ${name}`)]),
  ];
}
