import type { ReactNode } from 'react';
import type { Property } from '../protocol';

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
