import type { UsageSeed } from '../seed/business-schema.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { businessRateLimited } from './errors.ts';

const TYPES: Readonly<Record<string, readonly UsageSeed['type'][]>> = {
  waba_id: ['whatsapp_business_management'],
  phone_number_id: ['whatsapp_business_management'],
  page_id: ['pages', 'messenger'],
};

const CODES: Readonly<Record<UsageSeed['type'], number>> = {
  whatsapp_business_management: 80008,
  pages: 80001,
  messenger: 80006,
};

/**
 * Returns the header with the usage of the rate limits of the business portfolio that owns the
 * object of a call, or no header if the seed specifies no usage.
 *
 * @param path values from the path, by parameter name
 * @throws MetaError 80001, 80006 or 80008 if a limit is exceeded
 */
export function businessUsage(
  state: SandboxState,
  path: ReadonlyMap<string, string>,
): Record<string, string> {
  const usages = [...path].flatMap(([parameter, id]) => {
    const owner = ownerOf(state, parameter, id);
    return state.usage.filter(
      ({ business_id, type }) => business_id === owner && TYPES[parameter]?.includes(type),
    );
  });
  const [first] = usages;
  if (first === undefined) return {};
  const shown = usages.map(({ business_id, ...usage }) => usage);
  const header = {
    'X-Business-Use-Case-Usage': JSON.stringify({ [first.business_id]: shown }),
  };
  const exceeded = usages.find((usage) => usage.estimated_time_to_regain_access > 0);
  if (exceeded !== undefined) throw businessRateLimited(CODES[exceeded.type], header);
  return header;
}

function ownerOf(
  { businesses, whatsapp }: SandboxState,
  parameter: string,
  id: string,
): string | undefined {
  if (parameter === 'waba_id') return whatsapp.wabas.get(id)?.seed.business_id;
  if (parameter === 'phone_number_id') return whatsapp.numbers.get(id)?.waba.seed.business_id;
  return [...businesses.values()].find(({ owned_pages }) => owned_pages.includes(id))?.id;
}
