import { connect } from './connect.ts';
import { subscribe } from './subscribe.ts';

export const verbs = [connect, subscribe];
