import { ChannelctlError } from '../shared/errors.ts';
import type { Problem, Severity } from '../shared/problem.ts';

export interface DoctorResult extends Pick<Problem, 'message'> {
  check: string;
  status: Severity | 'ok';
  hint: string | null;
  fixed: boolean;
}

export function ok(check: string, message: string): DoctorResult {
  return { check, status: 'ok', message, hint: null, fixed: false };
}

export function warning(check: string, message: string, hint: string): DoctorResult {
  return { check, status: 'warning', message, hint, fixed: false };
}

export function error(check: string, message: string, hint: string): DoctorResult {
  return { check, status: 'error', message, hint, fixed: false };
}

export function fixed(check: string, message: string): DoctorResult {
  return { check, status: 'ok', message, hint: null, fixed: true };
}

/** Returns the result of a check that threw an error. Throws unexpected errors again. */
export function failed(check: string, thrown: unknown): DoctorResult {
  if (!(thrown instanceof ChannelctlError)) throw thrown;
  return error(check, thrown.description, thrown.hint);
}

export const FIX = 'Run: channelctl doctor --fix';
