import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from '../error-boundary';
import { connectHost } from '../host';
import type { OverlayProtocol } from '../protocol';
import { registerControls } from '../ui';
import { OverlayPage } from './overlay-page';
import '../page.css';
import './overlay.css';

registerControls();
const place = document.getElementById('page');
if (place === null) throw new Error('the document has no place for the page');
const host = connectHost<OverlayProtocol>();
createRoot(place).render(
  <ErrorBoundary host={host}>
    <OverlayPage host={host} />
  </ErrorBoundary>,
);
