import { connect } from './connect.ts';
import { pages } from './pages.ts';

export const verbs = [connect, pages];
