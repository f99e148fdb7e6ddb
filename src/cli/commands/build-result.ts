import type { Judgement } from '../../core/budget/judge';
import { formatShare, formatSize } from '../../core/presentation/size';
import { inTerminalWords } from '../../core/remedy';
import type { BuildReport, BuiltFile } from '../../core/use-cases/report';
import { summarizeUpdates, type UpdateOutcome } from '../../core/use-cases/update-all';
import { overlayTable, readableReport } from '../overlay-table';
import type { Terminal } from '../terminal';

/** Tells what a build did, or would do. */
export function printBuild(terminal: Terminal, report: BuildReport, judgement?: Judgement): void {
  const hasChanged = report.outcome === 'installed';
  const document = { ...readableReport(report), ...(judgement && { budget: judgement }) };
  terminal.result(describeBuild(report), document, { hasChanged });
}

/** Tells what became of each app, those that could not be updated last. */
export function printUpdates(terminal: Terminal, outcomes: readonly UpdateOutcome[]): void {
  const { updated, failures } = summarizeUpdates(outcomes);
  const lines = [
    ...outcomes.flatMap((one) => (one.outcome === 'failed' ? [] : [describeBuild(one)])),
    ...failures.map(({ app, found, remedy }) => `! ${app}: ${found}. ${inTerminalWords(remedy)}.`),
  ];
  const document = outcomes.map((one) => (one.outcome === 'failed' ? one : readableReport(one)));
  const text = lines.length === 0 ? noAppFromImage : lines.join('\n');
  terminal.result(text, document, { hasChanged: updated.length > 0 });
}

/** What people read of a build: its files, what a device downloads and restarts, and what else there is to do. */
function describeBuild(report: BuildReport): string {
  const { outcome, app, image, built, changedFiles, restart, staleSignatures, overlay } = report;
  if (outcome === 'unchanged' || changedFiles.length === 0) return `${app} is up to date: ${image}`;
  const verb = outcome === 'previewed' ? 'would be' : 'is now';
  const lines = [
    `${app} ${verb} ${image}`,
    ...built.flatMap((file) => [`  ${describeFile(file)}`, ...describeLeftOut(file)]),
    `${describeDownload(report)} ${describeRestart('It', restart)}`,
    ...staleSignatures.map(
      (file) =>
        `${file} ${outcome === 'previewed' ? 'would no longer fit' : 'no longer fits'}: commit, then sign again with pvx sig update, and commit that.`,
    ),
  ];
  if (overlay === undefined) return lines.join('\n');
  return [...lines, '', 'The overlay would hold:', overlayTable(overlay)].join('\n');
}

/** Committed together, all that waits is what a device gets. */
function describeDownload({ download, waitingDownload }: BuildReport): string {
  const [size, all] = [formatSize(download), formatSize(waitingDownload)];
  return all === size
    ? `A device downloads ${size}.`
    : `A device downloads ${size}, and ${all} with all that is not committed yet.`;
}

function describeFile({ path, size, previousSize, isSame, kind, baseSize }: BuiltFile): string {
  const share =
    kind === 'overlay' && baseSize !== undefined ? `, ${formatShare(size, baseSize)} of the base` : '';
  const before =
    previousSize === undefined ? '' : isSame ? ', as before' : `, was ${formatSize(previousSize)}`;
  return `${path}: ${formatSize(size)}${share}${before}`;
}

/** What would be in the overlay, too, if times counted. */
function describeLeftOut({ timeOnly }: BuiltFile): readonly string[] {
  if (timeOnly === undefined || timeOnly.files === 0) return [];
  const { files, bytes } = timeOnly;
  const [subject, verb] =
    files === 1 ? ['1 file of Python', 'differs'] : [`${files} files of Python`, 'differ'];
  return [`    without ${subject} (${formatSize(bytes)}) that ${verb} from the base in a time alone`];
}

export function describeRestart(
  who: string,
  { effect, reason, remedy = '' }: BuildReport['restart'],
): string {
  switch (effect) {
    case 'nothing':
      return `${who} restarts nothing: ${reason}.`;
    case 'container':
      return `${who} does not reboot: ${reason}.`;
    case 'reboot':
      return `${who} reboots: ${reason}.`;
    case 'refused':
      return `${who} refuses it: ${reason}. ${remedy}.`;
  }
}

/** The result of a command for all apps that are made from images, where there are none. */
export const noAppFromImage = 'There is no app that is made from a docker image.';
