import { l10n } from 'vscode';
import { baseVolume, overlayVolume } from '../../core/checkout/manifests/volume-name';
import type { FoundApp } from '../model/checkouts';
import type { NamedMount } from './view-mounts';

/** What the device saw of an app at the last commit; undefined where that is not on this machine. */
export async function committedMount({ app, model }: FoundApp): Promise<NamedMount | undefined> {
  const { committedFile } = await import('../../core/checkout/committed-file');
  const base = await committedFile(model.directory, `${app.baseApp ?? app.name}/${baseVolume}`);
  const overlay = await committedFile(model.directory, `${app.name}/${overlayVolume}`);
  const files = [base, overlay].filter((file) => file !== undefined);
  return base === undefined ? undefined : { files, name: l10n.t('{0} as of the last commit', app.name) };
}
