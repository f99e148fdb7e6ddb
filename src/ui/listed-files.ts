import { l10n } from 'vscode';

/** A dialog, or a tooltip, has room for as many names. */
export const maxNames = 8;

/** `a, b … and 3 more`. */
export function listedFiles(files: readonly string[]): string {
  // To leave out a single one takes as much room as it does.
  if (files.length <= maxNames + 1) return files.join(', ');
  return l10n.t('{0} … and {1} more', files.slice(0, maxNames).join(', '), files.length - maxNames);
}
