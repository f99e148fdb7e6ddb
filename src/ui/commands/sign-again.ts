import { l10n, window } from 'vscode';
import type { Services } from '../services';
import { checkoutFor } from './checkout-target';

/**
 * Types what signs again into a terminal, and leaves it to a person to run it: it commits, and needs their key. A
 * signature is over what was committed, so there is a commit before and after (pvr cmdsig.go).
 */
export async function signAgain(services: Services, target?: unknown): Promise<void> {
  const model = await checkoutFor(services, target, l10n.t('Sign which checkout again?'));
  const terminal = window.createTerminal({ name: l10n.t('Sign {0}', model.name), cwd: model.directory });
  terminal.show();
  terminal.sendText('pvr commit && pvr sig update && pvr commit', false);
}
