import type { z } from 'zod';
import { instagram } from './operations/instagram.ts';
import { login } from './operations/login.ts';
import { menu } from './operations/menu.ts';
import { nodes } from './operations/nodes.ts';
import { pages } from './operations/pages.ts';
import { tokens } from './operations/tokens.ts';
import { webhooks } from './operations/webhooks.ts';
import { whatsapp } from './operations/whatsapp.ts';

/**
 * Every call that channelctl makes, by name, and those that people make with `channelctl api` to
 * look around. A call that is not here does not compile.
 */
export const operations = {
  ...login,
  ...tokens,
  ...pages,
  ...menu,
  ...whatsapp,
  ...instagram,
  ...webhooks,
  ...nodes,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;

/** What a call takes, path parameters included. */
export type ParametersOf<Name extends OperationName> = z.input<Operations[Name]['parameters']>;

/** What a call answers. */
export type AnswerOf<Name extends OperationName> = z.output<Operations[Name]['answer']>;

/** The calls that answer in pages: those that take the cursor `after`. */
export type ListName = {
  [Name in OperationName]: 'after' extends keyof ParametersOf<Name> ? Name : never;
}[OperationName];

/** One item of a call that answers in pages. */
export type ItemOf<Name extends ListName> = AnswerOf<Name>['data'][number];
