import { l10n } from 'vscode';
import { showSearch } from '../files/search-picker';
import type { Services } from '../services';
import { mountFor } from './mount-target';

/** Looks for files and texts in an image, while a person types. */
export async function searchImage(services: Services, target?: unknown): Promise<void> {
  showSearch(services.backend, await mountFor(services, target, l10n.t('Search in what?')));
}
