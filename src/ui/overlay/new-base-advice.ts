import { l10n } from 'vscode';
import type { Advice } from '../../../webview/protocol';
import { formatShare, formatSize } from '../../core/presentation/size';
import {
  adviceLevel,
  newBaseDownload,
  type NewBaseFigures,
  newBasePeak,
  patchPeak,
  paysOffAfter,
} from '../../core/use-cases/advice';
import { restartText } from '../builds/build-texts';

/**
 * Whether a new base is worth its while.
 *
 * @param threshold percent of the base that an overlay may weigh.
 * @param history bytes of the overlays that the last builds made, oldest first.
 */
export function newBaseAdvice(
  figures: NewBaseFigures,
  threshold: number,
  history: readonly number[],
): Advice {
  const { base, overlay } = figures;
  const level = adviceLevel(figures, threshold);
  return {
    level,
    title: titleOf(level, formatShare(overlay, base), threshold),
    facts: [
      patchFact(figures),
      ...newBaseFacts(figures, l10n.t('A new base')),
      ...payback(paysOffAfter(figures, history), history.length),
    ],
    action: l10n.t('Build New Base'),
    preview: l10n.t('Preview New Base'),
  };
}

type Fact = Advice['facts'][number];

/** What one more patch means for a device. */
export function patchFact(figures: Pick<NewBaseFigures, 'base' | 'overlay'>): Fact {
  return {
    label: l10n.t('One more patch'),
    text: l10n.t(
      'A device downloads about {0}, as it does with every patch over this base, and holds about {1} while it keeps the revision before.',
      formatSize(figures.overlay),
      formatSize(patchPeak(figures)),
    ),
  };
}

/** What a new base means for a device, and for the apps that extend it. */
export function newBaseFacts(figures: NewBaseFigures, label: string): readonly Fact[] {
  const { newBase, dependants, restart } = figures;
  return [
    {
      label,
      text: l10n.t(
        'It would weigh about {0} (an estimate). A device downloads about {1} once, and holds about {2} while it keeps the revision before. {3}',
        formatSize(newBase),
        formatSize(newBaseDownload(figures)),
        formatSize(newBasePeak(figures)),
        restartText(restart),
      ),
    },
    ...(dependants.length === 0
      ? []
      : [
          {
            label: l10n.t('Rebuilt with it'),
            text: dependants.map(dependantText).join(', '),
          },
        ]),
  ];
}

/** `kitchen (12 kB now, about 13 MB then)` */
function dependantText({ app, overlay, rebuilt }: NewBaseFigures['dependants'][number]): string {
  return l10n.t('{0} ({1} now, about {2} then)', app, formatSize(overlay), formatSize(rebuilt));
}

function titleOf(level: Advice['level'], share: string, threshold: number): string {
  switch (level) {
    case 'recommended':
      return l10n.t(
        'A new base is recommended: the overlay weighs {0} of its base, more than {1} %.',
        share,
        threshold,
      );
    case 'soon':
      return l10n.t(
        'A new base may pay soon: the overlay weighs {0} of its base. It is recommended from {1} %.',
        share,
        threshold,
      );
    case 'fine':
      return l10n.t('No new base is needed: the overlay weighs {0} of its base.', share);
  }
}

function payback(updates: number | undefined, builds: number): Advice['facts'] {
  if (updates === undefined) return [];
  return [
    {
      label: l10n.t('Pays off'),
      text:
        updates === 1
          ? l10n.t('With the first update, going by the last {0} builds.', builds)
          : l10n.t(
              'After {0} updates, going by how the overlay grew over the last {1} builds.',
              updates,
              builds,
            ),
    },
  ];
}
