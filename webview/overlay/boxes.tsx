import { type ReactNode, useState } from 'react';
import { byteText } from '../byte-text';
import type { Advice, Bloat, Property } from '../protocol';

export interface AdviceBoxProps extends Advice {
  readonly onAction: () => void;
  readonly onPreview: () => void;
}

/** The new-base advice. What needs nobody's attention is folded away. */
export function AdviceBox(props: AdviceBoxProps): ReactNode {
  const { level, title, facts, action, preview, onAction, onPreview } = props;
  const [isOpen, setOpen] = useState(level !== 'fine');
  return (
    <div className={`advice ${level}`}>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{title}</summary>
        <dl>
          {facts.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </details>
      {isOpen && action !== undefined && (
        <div className="actions">
          <vscode-button appearance={level === 'recommended' ? 'primary' : 'secondary'} onClick={onAction}>
            {action}
          </vscode-button>
          {preview !== undefined && (
            <vscode-button appearance="secondary" onClick={onPreview}>
              {preview}
            </vscode-button>
          )}
        </div>
      )}
    </div>
  );
}

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

export interface PropertiesBoxProps {
  readonly title: string;
  readonly properties: readonly Property[];
}

/** What a file says of itself as a whole; folded away until somebody wants to know. */
export function PropertiesBox({ title, properties }: PropertiesBoxProps): ReactNode {
  if (properties.length === 0) return null;
  return (
    <details className="properties">
      <summary>{title}</summary>
      <dl>
        {properties.map(({ label, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
