import type { ReactNode } from 'react';
import { byteText } from '../byte-text';
import type { Bloat } from '../protocol';

export interface BloatBoxProps {
  readonly title: string;
  readonly findings: readonly Bloat[];
}

/** What an overlay holds for nothing; folded away until somebody wants to know. */
export function BloatBox({ title, findings }: BloatBoxProps): ReactNode {
  if (findings.length === 0) return null;
  return (
    <details className="bloat">
      <summary>{title}</summary>
      <ul>
        {findings.map((finding) => (
          <li key={finding.title}>
            <strong>{finding.title}</strong>
            <ul className="paths">
              {finding.paths.map((path) => (
                <li key={path}>/{byteText(path)}</li>
              ))}
            </ul>
            {finding.file}: <code>{finding.line}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
