import { loadWhatsAppAccount } from '../../channels/whatsapp/account.ts';
import { KnownFields } from '../../channels/whatsapp/known-fields.ts';
import { WHATSAPP_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import { withProgress } from '../shared/progress.ts';

const FIELDS = [
  'id',
  'display_phone_number',
  'verified_name',
  'status',
  'quality_rating',
  'code_verification_status',
  'name_status',
  'platform_type',
  'throughput',
  'messaging_limit_tier',
  'whatsapp_business_manager_messaging_limit',
];

export const numbers = defineCommand({
  name: 'numbers',
  summary: "List the phone numbers of an account's WABA",
  role: 'supervisor',
  examples: [
    { line: 'whatsapp numbers wa-1045', about: "All numbers of the account's WABA" },
    {
      line: 'whatsapp numbers wa-1045 -o tsv --fields id,status',
      about: 'Two columns, for a script',
    },
  ],
  result: {
    fields: [...FIELDS, 'throughput.*'],
    columns: ['id', 'display_phone_number', 'verified_name', 'status', 'quality_rating'],
    truncatable: ['verified_name'],
    whenEmpty: 'The WABA has no phone numbers.',
  },
  arguments: WHATSAPP_ACCOUNT_ARGUMENT,
  async run({ account: name }, context) {
    const [graph, { ids, credentials }] = await Promise.all([
      context.graph(),
      loadWhatsAppAccount(name, context),
    ]);
    const data = await withProgress(context.terminal, 'Listing numbers', () =>
      new KnownFields(FIELDS).read((fields) =>
        graph.list('listPhoneNumbers', { waba_id: ids.wabaId, fields }, credentials),
      ),
    );
    return { data };
  },
});
