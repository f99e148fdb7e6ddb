import type { Contradiction } from '../../core/checkout/contradictions';

/**
 * `error`: pvr fails on it, or a device refuses the revision. `warning`: something else happens than the files seem to
 * say. `information`: it passes by itself.
 */
export type Severity = 'error' | 'warning' | 'information';

const severities: Record<Contradiction['kind'], Severity> = {
  unreadable: 'error',
  'empty-json': 'error',
  'wrong-field': 'error',
  'unknown-spec': 'error',
  'wrong-name': 'warning',
  'broken-separator': 'warning',
  'missing-run-json': 'warning',
  'missing-config': 'error',
  'missing-squashfs': 'error',
  'damaged-squashfs': 'error',
  'missing-volume': 'error',
  'missing-verity': 'error',
  'wrong-verity': 'error',
  'unverified-overlay': 'warning',
  'missing-layer': 'error',
  'unmounted-layer': 'error',
  'unstacked-overlay': 'warning',
  'hidden-overlay': 'warning',
  'unnamed-overlay': 'warning',
  'unmounted-patch': 'warning',
  'wrong-digest': 'warning',
  'wrong-content': 'warning',
  'missing-base': 'error',
  'base-is-extension': 'error',
  'base-loop': 'error',
  'outdated-extension': 'warning',
  'unknown-group': 'error',
  'two-group-files': 'warning',
  'config-without-app': 'warning',
  'signature-without-files': 'warning',
  'interrupted-change': 'information',
  'set-aside-change': 'warning',
};

export function severityOf({ kind }: Contradiction): Severity {
  return severities[kind];
}

export function worstSeverity(contradictions: readonly Contradiction[]): Severity | undefined {
  const found = new Set(contradictions.map(severityOf));
  return (['error', 'warning', 'information'] as const).find((severity) => found.has(severity));
}
