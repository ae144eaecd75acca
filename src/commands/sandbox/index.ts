import { start } from './start.ts';

export const verbs = [start];
