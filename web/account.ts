import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { AuthRefusal, callAuth } from './session.ts';

/** `twoFactorRedirect`: the password was right, and a code is asked for next. */
export async function signIn(input: { email: string; password: string }): Promise<{ twoFactorRedirect?: boolean }> {
  return (await auth('sign-in/email', input)) as { twoFactorRedirect?: boolean };
}

/** The second half of signing in, or of switching the second factor on. */
export function verifyCode(code: string): Promise<unknown> {
  return auth('two-factor/verify-totp', { code });
}

export function verifyRecoveryCode(code: string): Promise<unknown> {
  return auth('two-factor/verify-backup-code', { code });
}

/** Creates the account; the first one on a server becomes its owner. */
export function signUp(input: { name: string; email: string; password: string }): Promise<unknown> {
  return auth('sign-up/email', input);
}

export async function signInWithPasskey(): Promise<unknown> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const optionsJSON = (await auth('passkey/sign-in-options', {})) as PublicKeyCredentialRequestOptionsJSON;
  return auth('passkey/sign-in', { response: await startAuthentication({ optionsJSON }).catch(sayWhy) });
}

export async function addPasskey({ name, password }: { name: string; password: string }): Promise<unknown> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const optionsJSON = (await auth('passkey/add-options', { password })) as PublicKeyCredentialCreationOptionsJSON;
  return auth('passkey/add', { name, response: await startRegistration({ optionsJSON }).catch(sayWhy) });
}

/** Whether this browser can use passkeys on this address at all: it must be https, or this machine by its name. */
export function passkeysWork(): boolean {
  return isSecureContext && 'PublicKeyCredential' in window && location.hostname !== '127.0.0.1';
}

export function askForReset(email: string): Promise<unknown> {
  return auth('request-password-reset', { email });
}

export function resetPassword(input: { token: string; newPassword: string }): Promise<unknown> {
  return auth('reset-password', input);
}

export function changePassword(input: { currentPassword: string; newPassword: string }): Promise<unknown> {
  return auth('change-password', input);
}

export function changeName(name: string): Promise<unknown> {
  return auth('update-user', { name });
}

export function changeEmail(input: { email: string; password: string }): Promise<unknown> {
  return auth('account/email', input);
}

/** Begins; the factor is on once a first code was right. */
export async function beginSecondFactor(password: string): Promise<{ totpURI: string; backupCodes: string[] }> {
  return (await auth('two-factor/enable', { password })) as { totpURI: string; backupCodes: string[] };
}

export function endSecondFactor(password: string): Promise<unknown> {
  return auth('two-factor/disable', { password });
}

export async function newRecoveryCodes(password: string): Promise<string[]> {
  return ((await auth('two-factor/generate-backup-codes', { password })) as { backupCodes: string[] }).backupCodes;
}

export interface Invitation {
  workspace: string;
  email: string;
  role: 'owner' | 'editor' | 'viewer';
  invitedBy: string | null;
  expiresAt: string;
}

export async function lookAtInvitation(token: string): Promise<Invitation> {
  return (await auth('invitation/look', { token })) as Invitation;
}

/** As somebody new. */
export function joinByInvitation(input: { token: string; name: string; password: string }): Promise<unknown> {
  return auth('invitation/join', input);
}

/** As who is signed in. */
export function acceptInvitation(token: string): Promise<unknown> {
  return auth('invitation/accept', { token });
}

/** What the library says in a few words, said so that one knows what to do. */
const words: Record<string, string> = {
  INVALID_PASSWORD: 'This is not your password.',
  PASSWORD_TOO_SHORT: 'Use 10 characters or more.',
  PASSWORD_TOO_LONG: 'Use 200 characters or fewer.',
  INVALID_CODE: 'This code is not right. It changes every 30 seconds; the clock of your phone has to be right too.',
  INVALID_BACKUP_CODE: 'This is none of your recovery codes, or it was used already.',
  INVALID_TWO_FACTOR_COOKIE: 'That took too long. Type your password again.',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'Too many wrong codes. Type your password again.',
  ACCOUNT_TEMPORARILY_LOCKED: 'Too many wrong codes. Wait 15 minutes, then sign in again.',
  INVALID_TOKEN: 'This link is not good any more. Each is good once and for an hour. Ask for a new one.',
};

async function auth(path: string, body: object): Promise<unknown> {
  try {
    return await callAuth(path, body);
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    if (error.code && words[error.code]) throw new Error(words[error.code]);
    if (error.status === 429) throw new Error('Too many tries. Wait a minute, then try again.');
    throw error;
  }
}

/** What the browser says about a passkey is for programmers. */
function sayWhy(error: Error): never {
  if (error.name === 'InvalidStateError') throw new Error('This device has a passkey for your account already.');
  if (error.name === 'NotAllowedError' || error.name === 'AbortError')
    throw new Error('It was cancelled or took too long. Try again.');
  throw new Error('This browser could not use a passkey here. Use another browser or device, or your password.');
}
