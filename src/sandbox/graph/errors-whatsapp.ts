import { MetaError } from './errors.ts';

export function notSubscribed(): MetaError {
  return new MetaError(404, {
    message: 'WhatsApp Business Account not found or not subscribed',
    type: 'GraphMethodException',
    code: 803,
  });
}

export function malformedParameter(message: string): MetaError {
  return new MetaError(400, { message, type: 'OAuthException', code: 100 });
}

export function wabaPermissionDenied(): MetaError {
  return permissionDenied(
    "Your app doesn't have permission to access this WhatsApp Business Account",
    1349174,
  );
}

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

export function deregistrationNotRegistered(): MetaError {
  return new MetaError(400, {
    message: 'Phone number not registered on the WhatsApp Business Platform.',
    type: 'OAuthException',
    code: 100,
    error_subcode: 2207051,
  });
}

export function notRegistered(): MetaError {
  return new MetaError(422, {
    message: 'The phone number is not registered',
    type: 'GraphMethodException',
    code: 100,
  });
}

export function businessAppNumber(endpoint: 'Register' | 'Deregister'): MetaError {
  return malformedParameter(
    `${endpoint} endpoint is not available for API solution for SMB businesses.`,
  );
}

const CERTIFICATE_REASONS = {
  /** No known response from Meta gives this reason. */
  name: 'The display name of this number has no valid certificate.',
  in_use:
    'This number is registered to an existing WhatsApp account. To use this number, disconnect it from the existing account.',
  two_step: 'Please ensure two-factor authentication is disabled',
};

export function noPaymentMethod(): MetaError {
  return malformedParameter(
    "Cannot Migrate Phone Number: Your WhatsApp Business Account doesn't have a payment method set up",
  );
}

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
  131031: {
    message: 'Business Account locked',
    status: 403,
    details: 'Business account has been locked.',
  },
  133005: { message: 'Two step verification PIN Mismatch' },
  133006: { message: 'Phone number re-verification needed' },
  133009: { message: 'Two step verification PIN Guessed Too Fast' },
  133015: {
    message: 'Please wait a few minutes before attempting to register this phone number',
  },
  133016: { message: 'Account register deregister rate limit exceeded', is_transient: true },
} as const satisfies Readonly<Record<number, RegistrationError>>;

interface RegistrationError {
  message: string;
  status?: number;
  details?: string;
  is_transient?: boolean;
}

export function registrationError(code: keyof typeof REGISTRATION_ERRORS): MetaError {
  const error: RegistrationError = REGISTRATION_ERRORS[code];
  const { message, status = 400, details, is_transient } = error;
  return new MetaError(status, {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    is_transient,
    ...(details !== undefined && { error_data: { messaging_product: 'whatsapp', details } }),
  });
}
