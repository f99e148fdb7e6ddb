import { type ReactNode, useId } from 'react';
import { format } from '../format';
import type { Formats, FormatRow, PageStrings } from '../protocol';

interface FormatsBoxProps {
  readonly formats: Formats;
  readonly strings: PageStrings['formats'];
  readonly onCompare: () => void;
  readonly onStop: () => void;
  readonly onCopy: (text: string) => void;
}

/** What a previewed file would weigh in other formats: a button, as long as nobody has asked. */
export function FormatsBox({ formats, strings, onCompare, onStop, onCopy }: FormatsBoxProps): ReactNode {
  const isComparing = formats.state === 'comparing';
  return (
    <div className="formats">
      {/* One and the same all the time: whoever has pressed it keeps the keyboard's focus. */}
      <vscode-button appearance="secondary" onClick={isComparing ? onStop : onCompare}>
        {isComparing ? strings.stop : strings.compare}
      </vscode-button>
      {isComparing && (
        <p className="notice">
          <vscode-progress-ring aria-hidden /> {formats.text}
        </p>
      )}
      {/* What comes of it is said; how far it is would be said all the time. */}
      <div aria-live="polite" aria-busy={isComparing}>
        {formats.state === 'failed' && (
          <p className="notice" role="alert">
            {formats.text}
          </p>
        )}
        {formats.state === 'compared' && (
          <FormatsTable rows={formats.rows} strings={strings} onCopy={onCopy} />
        )}
      </div>
    </div>
  );
}

interface FormatsTableProps extends Pick<FormatsBoxProps, 'strings' | 'onCopy'> {
  readonly rows: readonly FormatRow[];
}

function FormatsTable({ rows, strings, onCopy }: FormatsTableProps): ReactNode {
  const hint = useId();
  return (
    <>
      <table aria-describedby={hint}>
        <caption>{strings.title}</caption>
        <thead>
          <tr>
            <th scope="col">{strings.bytes}</th>
            <th scope="col">{strings.size}</th>
            <th scope="col">{strings.share}</th>
            <th scope="col">{strings.needs}</th>
            <th scope="col">{strings.options}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ formatOptions, bytes, size, share, needs }) => (
            <tr key={formatOptions}>
              <td className="number">{bytes}</td>
              <td className="number">{size}</td>
              <td className="number">{share}</td>
              <td>{needs}</td>
              <th scope="row">
                <code>{formatOptions}</code>
              </th>
              <td>
                <vscode-button
                  appearance="secondary"
                  aria-label={format(strings.copyOf, formatOptions)}
                  onClick={() => onCopy(formatOptions)}
                >
                  {strings.copy}
                </vscode-button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p id={hint}>{strings.hint}</p>
    </>
  );
}
