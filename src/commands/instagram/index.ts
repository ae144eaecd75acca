import { connect } from './connect.ts';
import { subscribe } from './subscribe.ts';

export const commands = [connect, subscribe];
