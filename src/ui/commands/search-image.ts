import { l10n } from 'vscode';
import { showSearch } from '../files/search-picker';
import type { Services } from '../services';
import { mountFor } from './mount-target';

/** Looks for files and texts in an image, while a person types; a key binding may give the text to begin with. */
export async function searchImage(services: Services, target?: unknown, text?: unknown): Promise<void> {
  const mount = await mountFor(services, target, l10n.t('Search in what?'));
  showSearch(services.backend, mount, typeof text === 'string' ? text : '');
}
