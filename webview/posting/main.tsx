import { loadControls } from '../error-boundary';
import { startPage } from '../start-page';
import { PostingPage } from './posting-page';
import type { PostingProtocol } from './protocol';
import './posting.css';

startPage<PostingProtocol>((host) => <PostingPage host={host} />);
loadControls();
