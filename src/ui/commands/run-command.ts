import { commands, l10n, window, type LogOutputChannel } from 'vscode';
import { describeError, Problem } from '../../core/problem';
import { capitalized } from '../capitalized';
import { commandIds } from '../manifest/command-ids';
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
    log.error(`${name}: ${error.message}`);
    await offer(window.showErrorMessage, capitalized(error.message), [...signInWays(error), showLog()]);
    return;
  }
  log.error(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const message = l10n.t(
    'Unexpected: {0}. Please report this as a defect, with the log.',
    describeError(error),
  );
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

/** The engine tells people to log in with docker; there is a way without it here. */
function signInWays({ remedy }: Problem): readonly Way[] {
  const login = /docker login(?: ([\w.:[\]-]+))?/.exec(remedy);
  if (login === null) return [];
  const run = () => commands.executeCommand(commandIds.signInToRegistry, login[1]);
  return [{ title: l10n.t('Sign In…'), run }];
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
