import { useEffect, useState, type ReactNode } from 'react';
import { format } from '../format';
import type { Host } from '../host';
import type { Action, Changes, Objection, PostingProtocol, PostingStrings, Review, Weight } from './protocol';

type PostingHost = Host<PostingProtocol>;
type Shown = PostingProtocol['toPage'];

/** What a post would do, before it is done. */
export function PostingPage({ host }: { readonly host: PostingHost }): ReactNode {
  const [shown, setShown] = useState<Exclude<Shown, { type: 'busy' }>>();
  const [busy, setBusy] = useState<string>();

  useEffect(() => {
    const take = (message: Shown) => {
      setBusy(message.type === 'busy' ? message.text : undefined);
      if (message.type !== 'busy') setShown(message);
    };
    const stop = host.listen(take);
    host.first.forEach(take);
    host.post({ type: 'ready' });
    return stop;
  }, [host]);

  const act = (id: string) => host.post({ type: 'act', id });
  const isBusy = busy !== undefined;
  return (
    <main aria-busy={isBusy}>
      {shown?.type === 'trouble' && (
        <div className="trouble" role="alert">
          <p>{shown.text}</p>
          <Buttons actions={shown.actions} isBusy={isBusy} onAct={act} />
        </div>
      )}
      {shown?.type === 'review' && (
        <ReviewShown review={shown.review} isBusy={isBusy} host={host} onAct={act} />
      )}
      <p className="busy" role="status">
        {isBusy && (
          <>
            <vscode-progress-ring aria-hidden="true" />
            {busy}
          </>
        )}
      </p>
    </main>
  );
}

function ReviewShown({
  review,
  isBusy,
  host,
  onAct,
}: {
  readonly review: Review;
  readonly isBusy: boolean;
  readonly host: PostingHost;
  readonly onAct: (id: string) => void;
}): ReactNode {
  const { title, facts, objections, actions, warning, weights, changes } = review;
  const { strings } = host;
  return (
    <>
      <h1>{title}</h1>
      {facts.map((fact) => (
        <p className="fact" key={fact}>
          {fact}
        </p>
      ))}
      {objections.length > 0 && (
        <ul className="objections">
          {objections.map((objection) => (
            <ObjectionShown key={objection.text} objection={objection} isBusy={isBusy} onAct={onAct} />
          ))}
        </ul>
      )}
      <Buttons actions={actions} isBusy={isBusy} onAct={onAct} />
      {warning !== undefined && <p className="warning">{warning}</p>}
      <ul className="weights" aria-label={strings.weights}>
        {weights.map((weight) => (
          <WeightShown key={weight.label} weight={weight} />
        ))}
      </ul>
      <ChangesShown
        changes={changes}
        strings={strings}
        onCompare={(part) => host.post({ type: 'compare', part })}
      />
    </>
  );
}

function Buttons({
  actions,
  isBusy,
  onAct,
}: {
  readonly actions: readonly Action[];
  readonly isBusy: boolean;
  readonly onAct: (id: string) => void;
}): ReactNode {
  if (actions.length === 0) return null;
  return (
    <p className="buttons">
      {actions.map(({ id, label }, at) => (
        <vscode-button
          key={id}
          appearance={at === 0 ? 'primary' : 'secondary'}
          disabled={isBusy}
          onClick={() => onAct(id)}
        >
          {label}
        </vscode-button>
      ))}
    </p>
  );
}

function ObjectionShown({
  objection: { level, label, text, actions },
  isBusy,
  onAct,
}: {
  readonly objection: Objection;
  readonly isBusy: boolean;
  readonly onAct: (id: string) => void;
}): ReactNode {
  return (
    <li className={level}>
      <p>
        <strong>{label}</strong> {text}
      </p>
      {actions.map(({ id, label: name }) => (
        <button type="button" className="link" key={id} disabled={isBusy} onClick={() => onAct(id)}>
          {name}
        </button>
      ))}
    </li>
  );
}

function WeightShown({ weight: { label, size, details, bar } }: { readonly weight: Weight }): ReactNode {
  return (
    <li>
      <span className="label">{label}</span>
      <span className="size">{size}</span>
      {bar !== undefined && (
        <span className="bar" aria-hidden="true">
          {bar.map(({ share, kind }, at) => (
            <span key={at} className={kind} style={{ width: `${Math.min(100, share)}%` }} />
          ))}
        </span>
      )}
      {details.map((detail) => (
        <span className="detail" key={detail}>
          {detail}
        </span>
      ))}
    </li>
  );
}

function ChangesShown({
  changes: { title, restart, parts },
  strings,
  onCompare,
}: {
  readonly changes: Changes;
  readonly strings: PostingStrings;
  readonly onCompare: (part: string) => void;
}): ReactNode {
  const { columns, compare, nothing } = strings;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {parts.length === 0 ? (
        <p>{nothing}</p>
      ) : (
        <>
          <p className="fact">{restart}</p>
          <table>
            <thead>
              <tr>
                <th scope="col">{columns.part}</th>
                <th scope="col">{columns.change}</th>
                <th scope="col" className="number">
                  {columns.files}
                </th>
                <th scope="col" className="number">
                  {columns.download}
                </th>
                <th scope="col">{columns.effect}</th>
              </tr>
            </thead>
            <tbody>
              {parts.map(({ name, kind, change, files, download, effect }) => (
                <tr key={name}>
                  <th scope="row">
                    <button
                      type="button"
                      className="link"
                      title={format(compare, name)}
                      onClick={() => onCompare(name)}
                    >
                      {name}
                    </button>
                  </th>
                  <td className={kind}>{change}</td>
                  <td className="number">{files}</td>
                  <td className="number">{download}</td>
                  <td>{effect}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
