import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from './error-boundary';
import { connectHost, type Host, type Protocol } from './host';
import './page.css';

/** Puts a page into its document; to be called once. */
export function startPage<Of extends Protocol>(page: (host: Host<Of>) => ReactNode): void {
  const place = document.getElementById('page');
  if (place === null) throw new Error('the document has no place for the page');
  const host = connectHost<Of>();
  createRoot(place).render(<ErrorBoundary host={host}>{page(host)}</ErrorBoundary>);
}
