import { l10n } from 'vscode';
import type { Advice } from '../../../webview/protocol';
import { formatShare } from '../../core/presentation/size';
import { adviceLevel, type AdviceLevel, type NewBaseFigures } from '../../core/use-cases/advice';
import type { FoundApp } from '../model/checkouts';
import { newBaseFacts, patchFact } from './new-base-advice';

/** An app that is only an overlay over another app's base, and that one. */
interface Extension {
  readonly app: string;
  /** Bytes. */
  readonly overlay: number;
  readonly baseApp: string;
  /** Bytes of its base. */
  readonly base: number;
  /** Of the image that the base was made from, if it says: what the app's own image is best made from. */
  readonly baseImage: string | undefined;
  /** What a new base of that app would mean; undefined where that has no overlay to be made one with. */
  readonly newBase: NewBaseFigures | undefined;
}

/**
 * @param figuresOf what a new base of an app would mean; asked only where that app has an overlay.
 * @returns undefined of an app that is no extension, or lacks one of the two file systems.
 */
export async function extensionOf(
  { app, model }: FoundApp,
  figuresOf: (app: string) => Promise<NewBaseFigures>,
): Promise<Extension | undefined> {
  const extended = model.apps.find(({ name }) => name === app.baseApp);
  if (app.overlay === undefined || extended?.base === undefined) return undefined;
  return {
    app: app.name,
    overlay: app.overlay.size,
    baseApp: extended.name,
    base: extended.base.size,
    baseImage: extended.base.digest,
    newBase: extended.isPatched ? await figuresOf(extended.name) : undefined,
  };
}

/**
 * What can be done about an overlay over another app's base: there is no new base of its own to build (pvr's --newbase breaks
 * such an app).
 *
 * @param threshold percent of the base that an overlay may weigh.
 */
export function extensionAdvice(extension: Extension, threshold: number): Advice {
  const { app, overlay, baseApp, base, baseImage, newBase } = extension;
  const level = adviceLevel({ base, overlay }, threshold);
  return {
    level,
    title: titleOf(level, formatShare(overlay, base), baseApp, threshold),
    facts: [
      patchFact({ base, overlay }),
      {
        label: l10n.t('Make it smaller'),
        text: l10n.t(
          'Build the image of {0} FROM that of {1} ({2}): then the overlay holds only what {0} adds.',
          app,
          baseApp,
          baseImage ?? l10n.t('the one in its src.json'),
        ),
      },
      ...(level === 'recommended'
        ? [
            {
              label: l10n.t('Stand alone'),
              text: l10n.t(
                'With so little in common, {0} may do better as an app with a base of its own: remove it, and add it without a base app.',
                app,
              ),
            },
          ]
        : []),
      ...(newBase === undefined ? [] : newBaseFacts(newBase, l10n.t('New base of {0}', baseApp))),
    ],
    action: newBase === undefined ? undefined : l10n.t('Build New Base of {0}', baseApp),
    preview: newBase === undefined ? undefined : l10n.t('Preview New Base of {0}', baseApp),
  };
}

function titleOf(level: AdviceLevel, share: string, baseApp: string, threshold: number): string {
  switch (level) {
    case 'recommended':
      return l10n.t('The overlay weighs {0} of the base of {1}, more than {2} %.', share, baseApp, threshold);
    case 'soon':
      return l10n.t(
        'The overlay weighs {0} of the base of {1}, and {2} % is much.',
        share,
        baseApp,
        threshold,
      );
    case 'fine':
      return l10n.t('The overlay weighs {0} of the base of {1}: that is little.', share, baseApp);
  }
}
