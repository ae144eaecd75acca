import type { ProfileState, SecretRef } from '../../src/profile/types.ts';

export function stateWith(marks: Record<string, SecretRef>): ProfileState {
  return {
    version: 1,
    settings: { role: 'admin' },
    integrations: [
      {
        id: '00000000-0000-4000-8000-000000000001',
        channel: 'messenger',
        is_active: true,
        config: { app_id: '1065', 'a.b': { __internal__: [1, null, 'é'] } },
        secrets: marks,
        created_at: '2026-01-01T00:00:00.000Z',
        updated_at: '2026-01-01T00:00:00.000Z',
        division_id: null,
      },
    ],
    accounts: [],
  };
}
