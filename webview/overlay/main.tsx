import { loadControls } from '../error-boundary';
import type { OverlayProtocol } from '../protocol';
import { startPage } from '../start-page';
import { OverlayPage } from './overlay-page';
import './overlay.css';

startPage<OverlayProtocol>((host) => <OverlayPage host={host} />);
loadControls();
