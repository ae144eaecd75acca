import { describe, expect, test } from 'vitest';
import { authorizationUrl as instagramUrl } from '../../src/channels/instagram/login.ts';
import { authorizationUrl as facebookUrl } from '../../src/channels/messenger/login.ts';
import { operations } from '../../src/graph/operations/index.ts';
import type { Operation } from '../../src/graph/operations/operation.ts';
import { differencesIn, shortest } from './check.ts';
import { type Fact, type Facts, id, names, object, text, words } from './facts.ts';

const PARAMETERS: Facts = {
  client_id: id,
  redirect_uri: text,
  response_type: words('code'),
  state: text,
};

function dialog(more: Facts, optional: Facts = {}): Fact {
  const required = { ...PARAMETERS, ...more };
  return object({ ...required, ...optional }, Object.keys(required));
}

/** Source: Meta, "Manually Build a Login Flow" and "Facebook Login for Business". */
const FACEBOOK: readonly Fact[] = [
  dialog({
    scope: names(
      ...['pages_show_list', 'pages_messaging', 'pages_manage_metadata', 'business_management'],
      ...['pages_read_engagement', 'public_profile', 'email'],
    ),
  }),
  dialog({ config_id: id, override_default_response_type: words('true') }),
];

/** Source: Meta, "Business Login for Instagram". */
const INSTAGRAM: readonly Fact[] = [
  dialog(
    {
      scope: names(
        ...['instagram_business_basic', 'instagram_business_manage_messages'],
        ...['instagram_business_manage_comments', 'instagram_business_content_publish'],
        'instagram_business_manage_insights',
      ),
    },
    { force_reauth: words('true', 'false'), enable_fb_login: words('true', 'false') },
  ),
];

const APP = { id: '700', secret: 'app-secret-700', configId: null, channel: 'messenger' };
const REDIRECT = 'https://localhost:8976/callback';
const facebook = (configId: string | null) =>
  new URL(facebookUrl({}, 'v26.0', { ...APP, configId }, REDIRECT, 'state-1'));
const instagram = new URL(instagramUrl({}, { ...APP, channel: 'instagram' }, REDIRECT, 'state-1'));

describe('the authorization URL', () => {
  test.each([
    ['of Facebook Login', facebook(null), 'www.facebook.com/v26.0/dialog/oauth', FACEBOOK],
    [
      'of Facebook Login for Business',
      facebook('55'),
      'www.facebook.com/v26.0/dialog/oauth',
      FACEBOOK,
    ],
    ['of Instagram', instagram, 'www.instagram.com/oauth/authorize', INSTAGRAM],
  ])('%s has only parameters that Meta accepts', (_, url, place, dialogs) => {
    expect(url.host + url.pathname).toBe(place);
    const sent = Object.fromEntries(url.searchParams);
    expect(shortest(dialogs.map((one) => differencesIn(sent, one)))).toEqual([]);
  });

  test.each([
    ['Facebook', ['user', 'page'], facebook(null)],
    ['Instagram', ['instagram'], instagram],
  ])('of %s asks for the permissions of all calls', (_, kinds, url) => {
    const needed = Object.values<Operation>(operations)
      .filter(({ token, path }) => kinds.includes(token) && !path.includes('whatsapp'))
      .flatMap(({ permission }) => permission ?? []);
    const asked = url.searchParams.get('scope')?.split(',');
    expect(asked).toEqual(expect.arrayContaining(needed));
  });
});
