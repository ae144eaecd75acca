import type { SandboxState } from '../state/sandbox-state.ts';
import { SYSTEM_USER } from '../state/token.ts';

const OBJECTS: Readonly<Record<string, (state: SandboxState, id: string) => boolean>> = {
  app_id: ({ apps }, id) => apps.has(id),
  user_id: ({ people }, id) => people.has(id) || id === SYSTEM_USER.id,
  page_id: ({ pages }, id) => pages.has(id),
  business_id: isPortfolio,
  waba_id: ({ whatsapp }, id) => whatsapp.wabas.has(id),
  phone_number_id: ({ whatsapp }, id) => whatsapp.numbers.has(id),
};

export function isPortfolio({ businesses, whatsapp }: SandboxState, id: string): boolean {
  return (
    businesses.has(id) || [...whatsapp.wabas.values()].some(({ seed }) => seed.business_id === id)
  );
}

export function hasObject(state: SandboxState, parameter: string, id: string): boolean {
  return OBJECTS[parameter]?.(state, id) ?? false;
}
