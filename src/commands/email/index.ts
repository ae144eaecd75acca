import { check } from './check.ts';

export const verbs = [check];
