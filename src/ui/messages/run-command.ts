import { commands, l10n, type LogOutputChannel, window } from 'vscode';
import { Problem } from '../../core/problem';
import { waysOf } from '../../core/remedy';
import { capitalized } from '../capitalized';
import { execute } from '../manifest/commands';
import { CannotRun, Dismissed, type Way } from './cannot-run';
import { errorText, settingOfWay } from './remedy-text';

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
  return { title: l10n.t('Show Log'), run: () => execute('pantavisor.showLog') };
}

/** The buttons of several failures, one of a kind: ten apps of one registry want the same. */
export function buttonsForAll(failures: readonly Pick<Problem, 'remedy'>[]): readonly Way[] {
  return [...new Map(failures.flatMap(buttonsFor).map((way) => [way.title, way])).values()];
}

/** A button for what of a remedy a click can do. */
export function buttonsFor({ remedy }: Pick<Problem, 'remedy'>): readonly Way[] {
  return waysOf(remedy).flatMap((way): readonly Way[] => {
    switch (way.kind) {
      case 'install':
        return [
          {
            title: l10n.t('Build What Is Missing'),
            run: () => execute('pantavisor.installApp', { app: way.app }),
          },
        ];
      case 'update':
        return [updateAsPatch({ app: way.app })];
      case 'patch':
        return [updateAsPatch(way.app === undefined ? undefined : { app: way.app })];
      case 'newBase':
        return [
          {
            title: l10n.t('Build New Base'),
            run: () => execute('pantavisor.buildNewBase', { app: way.app }),
          },
        ];
      case 'init':
        return [
          { title: l10n.t('Make a Folder a Checkout…'), run: () => execute('pantavisor.initCheckout') },
        ];
      case 'logIn':
        return [{ title: l10n.t('Sign In…'), run: () => execute('pantavisor.signInToRegistry', way.host) }];
      case 'logInToHub':
        return [{ title: l10n.t('Log In…'), run: () => execute('pantavisor.logInToHub', way.hub) }];
      case 'signAgain':
        return [{ title: l10n.t('Sign Again…'), run: () => execute('pantavisor.signAgain') }];
      case 'setting': {
        const open = () => commands.executeCommand('workbench.action.openSettings', settingOfWay[way.name]);
        return [{ title: l10n.t('Open Setting'), run: open }];
      }
      case 'device':
      case 'extend':
      case 'force':
      case 'from':
      case 'listApps':
      case 'listBase':
      case 'moveBase':
      case 'platform':
      case 'platformOfApp':
      case 'prefer':
      case 'revision':
      case 'signer':
      case 'withDependants':
        return [];
    }
  });
}

function updateAsPatch(app: Parameters<typeof execute<'pantavisor.updateAsPatch'>>[1]): Way {
  return { title: l10n.t('Update as Patch'), run: () => execute('pantavisor.updateAsPatch', app) };
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
