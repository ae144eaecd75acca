import { MetaError } from './errors.ts';

const KINDS: Readonly<Record<string, string>> = {
  waba_id: 'WhatsApp Business Account',
  phone_number_id: 'Phone number',
};

/**
 * 803 with HTTP 404: the object does not exist (source: Meta's OpenAPI description of WhatsApp).
 *
 * @param parameter the name of its ID, such as `waba_id`
 */
export function notFound(parameter: string): MetaError {
  return missing(`${KINDS[parameter] ?? 'Object'} not found`);
}

/** 803 with HTTP 404: the app is not subscribed to the webhooks of the WABA. */
export function notSubscribed(): MetaError {
  return missing('WhatsApp Business Account not found or not subscribed');
}

function missing(message: string): MetaError {
  return new MetaError(404, { message, type: 'GraphMethodException', code: 803 });
}

/** 100: a parameter is malformed. The message is returned unchanged. */
export function malformedParameter(message: string): MetaError {
  return new MetaError(400, { message, type: 'OAuthException', code: 100 });
}

/** 100: an ID is not numeric. */
export function nonNumericId(parameter: string): MetaError {
  return malformedParameter(
    parameter === 'phone_number_id'
      ? 'Invalid phone number ID format. Must be numeric.'
      : `Invalid parameter: ${parameter} must be a valid numeric string`,
  );
}

/** 200: the token is not valid for this WABA. */
export function wabaPermissionDenied(): MetaError {
  return permissionDenied(
    "Your app doesn't have permission to access this WhatsApp Business Account",
    1349174,
  );
}

/** 200: the token is not valid for the WABA that owns the number. */
export function numberPermissionDenied(): MetaError {
  return permissionDenied(
    'Your app is not linked to the WhatsApp Business Account that owns this phone number',
    1349175,
  );
}

function permissionDenied(message: string, error_subcode: number): MetaError {
  return new MetaError(403, {
    message,
    type: 'OAuthException',
    code: 200,
    error_subcode,
    error_user_title: 'Permission Denied',
    error_user_msg: "Your app doesn't have permission to access this resource",
  });
}

/**
 * 100: an override is set, but the app is not subscribed to the WABA or has no app-level
 * subscription to `messages` (source: real responses).
 */
export function notSubscribedBeforeOverride(): MetaError {
  return malformedParameter(
    '(#100) Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp Business Account',
  );
}

/** 200: the token's system user cannot manage the WABA of the number (source: real responses). */
export function numberOverrideDenied(): MetaError {
  return new MetaError(403, {
    message: '(#200) Permissions error',
    type: 'OAuthException',
    code: 200,
  });
}

/** 100 with subcode 2207051: the number to deregister is not registered. */
export function deregistrationNotRegistered(): MetaError {
  return new MetaError(400, {
    message: 'Phone number not registered on the WhatsApp Business Platform.',
    type: 'OAuthException',
    code: 100,
    error_subcode: 2207051,
  });
}

/** 100 with HTTP 422: the PIN cannot be set, because the number is not registered. */
export function notRegistered(): MetaError {
  return new MetaError(422, {
    message: 'The phone number is not registered',
    type: 'GraphMethodException',
    code: 100,
  });
}

/** 100: the number is used in the WhatsApp Business app. */
export function businessAppNumber(endpoint: 'Register' | 'Deregister'): MetaError {
  return malformedParameter(
    `${endpoint} endpoint is not available for API solution for SMB businesses.`,
  );
}

const CERTIFICATE_REASONS = {
  name: 'The display name of this number has no valid certificate.',
  in_use: 'The number belongs to another WhatsApp account. Disconnect it there first.',
  two_step: 'Two-factor authentication of the number must be disabled first.',
};

/** 100: the number cannot be moved to the WABA, which has no payment method. */
export function noPaymentMethod(): MetaError {
  return malformedParameter(
    "Cannot Migrate Phone Number: Your WhatsApp Business Account doesn't have a payment method set up",
  );
}

/** 100 with subcode 2388001: Meta cannot create a certificate for the number to register. */
export function noCertificate(reason: keyof typeof CERTIFICATE_REASONS): MetaError {
  return new MetaError(400, {
    message: 'Invalid parameter',
    type: 'OAuthException',
    code: 100,
    error_subcode: 2388001,
    is_transient: false,
    error_user_title: 'Cannot Create Certificate',
    error_user_msg: CERTIFICATE_REASONS[reason],
  });
}

const REGISTRATION_ERRORS = {
  131031: ['Business Account locked', 'The WhatsApp Business Account is locked.'],
  133005: ['Two step verification PIN Mismatch', 'The PIN is incorrect.'],
  133006: ['Phone number re-verification needed', 'The number must be verified again.'],
  133009: ['Two step verification PIN Guessed Too Fast', 'Wait a few minutes before trying again.'],
  133015: [
    'Please wait a few minutes before attempting to register this phone number',
    'The number was deleted recently, and its deletion is still in progress.',
  ],
  133016: [
    'Account register deregister rate limit exceeded',
    'More than 10 register calls in 72 hours: the number is blocked for 72 hours.',
  ],
} as const;

/** Returns the error for a number that cannot be registered or whose PIN cannot be set. */
export function registrationError(code: keyof typeof REGISTRATION_ERRORS): MetaError {
  const [message, details] = REGISTRATION_ERRORS[code];
  return new MetaError(code === 131031 ? 403 : 400, {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
  });
}
