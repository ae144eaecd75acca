/** One thing that the doctor looked at. */
export interface Finding {
  check: string;
  status: 'ok' | 'warning' | 'error';
  message: string;
  /** What to do; null where nothing is to be done. */
  hint: string | null;
  /** Whether it was not in order, and was put in order just now. */
  fixed: boolean;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message, hint: null, fixed: false };
}

export function warning(check: string, message: string, hint: string): Finding {
  return { check, status: 'warning', message, hint, fixed: false };
}

export function error(check: string, message: string, hint: string): Finding {
  return { check, status: 'error', message, hint, fixed: false };
}

export function fixed(check: string, message: string): Finding {
  return { check, status: 'ok', message, hint: null, fixed: true };
}

/** What to run for what `doctor` can put in order by itself. */
export const FIX = 'Run: channelctl doctor --fix';
