import { commands, l10n, type LogOutputChannel, window } from 'vscode';
import { Problem } from '../../core/problem';
import { waysOf } from '../../core/remedy';
import { capitalized } from '../capitalized';
import { commandIds } from '../manifest/command-ids';
import { errorText, settingOfWay } from '../messages/remedy-text';
import { CannotRun, type Way } from './cannot-run';
import { Dismissed } from './dismissed';

/** Runs what a person asked for. Whatever goes wrong is told to them and to the log; being stopped is nothing wrong. */
export async function runCommand(name: string, log: LogOutputChannel, work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    // Not awaited: a message may stay for hours, and whoever ran the command goes on.
    void tell(name, log, error);
    return undefined;
  }
}

async function tell(name: string, log: LogOutputChannel, error: unknown): Promise<void> {
  if (error instanceof Dismissed) return;
  if (isAbort(error)) {
    log.info(`${name}: stopped`);
    window.setStatusBarMessage(l10n.t('Stopped. The checkout is as it was.'), 5000);
    return;
  }
  if (error instanceof CannotRun) {
    await offer(window.showWarningMessage, error.message, error.ways);
    return;
  }
  if (error instanceof Problem) {
    log.error(`${name}: ${errorText(error)}`);
    await offer(window.showErrorMessage, capitalized(errorText(error)), [...buttonsFor(error), showLog()]);
    return;
  }
  log.error(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const message = l10n.t('Unexpected: {0}. Please report this as a defect, with the log.', errorText(error));
  await offer(window.showErrorMessage, message, [showLog()]);
}

type Show = (message: string, ...titles: string[]) => Thenable<string | undefined>;

/** Shows a message with a button for each way, and takes the one that is chosen. */
export async function offer(show: Show, message: string, ways: readonly Way[]): Promise<void> {
  const chosen = await show(message, ...ways.map(({ title }) => title));
  await ways.find(({ title }) => title === chosen)?.run();
}

export function showLog(): Way {
  return { title: l10n.t('Show Log'), run: () => commands.executeCommand(commandIds.showLog) };
}

/** A button for what of a remedy a click can do. */
function buttonsFor({ remedy }: Problem): readonly Way[] {
  return waysOf(remedy).flatMap((way): readonly Way[] => {
    const button = (title: string, command: string, argument?: unknown) => [
      { title, run: () => commands.executeCommand(command, argument) },
    ];
    switch (way.kind) {
      case 'install':
        return button(l10n.t('Build What Is Missing'), commandIds.installApp, { app: way.app });
      case 'update':
      case 'patch':
        return button(l10n.t('Update as Patch'), commandIds.updateAsPatch, { app: way.app });
      case 'newBase':
        return button(l10n.t('Build New Base'), commandIds.buildNewBase, { app: way.app });
      case 'init':
        return button(l10n.t('Make a Folder a Checkout…'), commandIds.initCheckout);
      case 'logIn':
        return button(l10n.t('Sign In…'), commandIds.signInToRegistry, way.host);
      case 'setting':
        return button(l10n.t('Open Setting'), 'workbench.action.openSettings', settingOfWay[way.name]);
      case 'extend':
      case 'force':
      case 'listApps':
      case 'listBase':
      case 'platform':
      case 'platformOfApp':
      case 'withDependants':
        return [];
    }
  });
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
