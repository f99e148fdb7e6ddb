import { formatShare, formatSize } from '../../core/presentation/size';
import type { ComparedForm, FormatComparison } from '../../core/use-cases/compare-formats';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';

/** Tells what a file would weigh in each form. */
export function printFormats(terminal: Terminal, comparison: FormatComparison): void {
  const { app, kind, forms } = comparison;
  const present = forms.find(({ isPresent }) => isPresent);
  const rows = forms.map((form) => [
    String(form.size),
    formatSize(form.size),
    present === undefined ? '' : formatShare(form.size, present.size),
    needsOf(form),
    form.formatOptions,
  ]);
  const heading = ['BYTES', 'SIZE', 'OF NOW', 'ASKS OF THE KERNEL', 'format_options'];
  const text = [
    `The ${kind} of ${app} in each form, as it was packed; nothing was installed.`,
    formatTable([heading, ...rows], new Set([0, 1, 2])),
    'To choose one, put its line into src.json as "format_options", and update with --newbase, or with the next patch.',
  ];
  terminal.result(text.join('\n\n'), comparison, { hasChanged: false });
}

function needsOf({ isPresent, needs: { options, version, blockSize } }: ComparedForm): string {
  return [
    ...(isPresent ? ['the form it has now'] : []),
    ...(version === undefined ? [] : [`version ${version}`]),
    options.map((name) => name.replace('CONFIG_', '')).join(' + '),
    ...(blockSize > 128 * 1024 ? [`${formatSize(blockSize)} for each read`] : []),
  ].join(', ');
}
