import { startPage } from '../start-page';
import { DashboardPage } from './dashboard-page';
import type { DashboardProtocol } from './protocol';
import './dashboard.css';

startPage<DashboardProtocol>((host) => <DashboardPage host={host} />);
