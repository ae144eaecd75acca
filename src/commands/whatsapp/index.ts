import { deregister } from './deregister.ts';
import { health } from './health.ts';
import { numbers } from './numbers.ts';
import { setPin } from './pin-set.ts';
import { register } from './register.ts';
import { signup } from './signup.ts';
import { subscribe } from './subscribe.ts';
import { unsubscribe } from './unsubscribe.ts';

export const commands = [
  health,
  signup,
  numbers,
  register,
  deregister,
  subscribe,
  unsubscribe,
  setPin,
];
