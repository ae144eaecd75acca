import { connect } from './connect.ts';
import { pages } from './pages.ts';

export const commands = [connect, pages];
