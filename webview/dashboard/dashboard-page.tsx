import { useEffect, useState, type KeyboardEvent, type ReactNode } from 'react';
import { moveFocus } from '../arrow-focus';
import type { Host } from '../host';
import { CheckoutSection } from './checkout-section';
import type { CheckoutSizes, DashboardProtocol } from './protocol';

/** What each app of each checkout weighs. */
export function DashboardPage({ host }: { readonly host: Host<DashboardProtocol> }): ReactNode {
  const { strings } = host;
  const [checkouts, setCheckouts] = useState<readonly CheckoutSizes[]>();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set(host.state.folded));

  useEffect(() => {
    const stop = host.listen((message) => setCheckouts(message.checkouts));
    host.post({ type: 'ready' });
    return stop;
  }, [host]);

  useEffect(() => {
    host.keep({ folded: [...folded] });
  }, [host, folded]);

  const toggle = (directory: string) =>
    setFolded((known) => {
      const next = new Set(known);
      if (!next.delete(directory)) next.add(directory);
      return next;
    });
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    moveFocus(event, 'button');
  };
  if (checkouts === undefined) return <p className="notice">{strings.reading}</p>;
  if (checkouts.length === 0) return <p className="notice">{strings.noCheckout}</p>;
  return (
    <main onKeyDown={onKeyDown}>
      {checkouts.map((sizes) => (
        <CheckoutSection
          key={sizes.directory}
          sizes={sizes}
          isAlone={checkouts.length === 1}
          isFolded={folded.has(sizes.directory)}
          host={host}
          onToggle={() => toggle(sizes.directory)}
        />
      ))}
    </main>
  );
}
