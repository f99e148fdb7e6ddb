import type { ReactNode } from 'react';
import type { Advice } from '../protocol';

export interface AdviceBoxProps extends Advice {
  readonly onAction: () => void;
}

/** The new-base advice. What needs nobody's attention is folded away. */
export function AdviceBox({ level, title, facts, action, onAction }: AdviceBoxProps): ReactNode {
  return (
    <details className={`advice ${level}`} open={level !== 'fine'}>
      <summary>{title}</summary>
      <dl>
        {facts.map(({ label, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {action !== undefined && (
        <vscode-button appearance={level === 'recommended' ? 'primary' : 'secondary'} onClick={onAction}>
          {action}
        </vscode-button>
      )}
    </details>
  );
}
