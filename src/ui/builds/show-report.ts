import { l10n, window } from 'vscode';
import type { BuildReport } from '../../core/use-cases/report';
import { execute } from '../manifest/commands';
import { inCheckout } from '../messages/in-checkout';
import { offer, showLog } from '../messages/run-command';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId } from '../model/checkouts';
import type { Finished } from './build-notification';
import { addedText, reportText, staleSignaturesText } from './build-texts';
import { overlayToShow } from './overlay-to-show';

/** Tells what a build did, and offers what comes next. Returns at once: the message may stay for hours. */
export function showReport(
  model: CheckoutModel,
  { report, warnings }: Finished<BuildReport>,
  { isNew = false } = {},
): void {
  const { app, staleSignatures } = report;
  const overlayOf = overlayToShow(report);
  const isAmiss = staleSignatures.length > 0 || warnings.length > 0;
  const text = [
    isNew ? addedText(report) : reportText(report),
    ...(staleSignatures.length > 0 ? [staleSignaturesText(staleSignatures)] : []),
    ...(warnings.length > 0 ? [l10n.t('Warnings: {0}', warnings.join(' · '))] : []),
  ];
  const ways = [
    ...(overlayOf === undefined
      ? []
      : [showOverlay({ checkout: model.directory, app: overlayOf }, { isOwn: overlayOf === app })]),
    ...(staleSignatures.length > 0 ? [signAgain(model.directory)] : []),
    ...(report.outcome === 'unchanged' ? [] : [commitWay(model.directory)]),
    ...(warnings.length > 0 ? [showLog()] : []),
  ];
  const show = isAmiss ? window.showWarningMessage : window.showInformationMessage;
  void offer(show, inCheckout(model, text.join(' ')), ways);
}

function showOverlay(id: AppId, { isOwn }: { readonly isOwn: boolean }) {
  return {
    title: isOwn ? l10n.t('Show Overlay') : l10n.t('Show Overlay of {0}', id.app),
    run: () => execute('pantavisor.showOverlay', id),
  };
}

function commitWay(checkout: string) {
  return { title: l10n.t('Commit…'), run: () => execute('pantavisor.commit', checkout) };
}

export function signAgain(checkout: string) {
  return {
    title: l10n.t('Sign Again…'),
    run: () => execute('pantavisor.signAgain', checkout),
  };
}
