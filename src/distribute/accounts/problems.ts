/** Why a connection did not come about. It stands in the address (`?problem=denied`), so it is a code, never free text. */
export const problemSentences = {
  denied: 'You did not allow the connection. Nothing was stored. Connect again if that was not meant.',
  state_unknown: 'This connection was not begun here. Start again from Settings.',
  state_used: 'This connection was already finished. Look at your accounts, or start again from Settings.',
  state_expired: 'The connection took longer than 10 minutes. Start again from Settings.',
  other_person:
    'The browser came back without the sign-in that began this connection. Either Fanfare is open at another address than its public one (127.0.0.1 instead of localhost, for example), or you are signed in as somebody else. Open Fanfare at the address of this page, sign in as the person who began, and start again from Settings.',
  code_refused: 'The platform did not accept the sign-in code; codes are good once and for half a minute. Start again.',
  app_refused: 'The platform does not accept your developer app. Check its client id and secret in Settings.',
  not_confirmed: 'The platform did not say which account this is, so it was not connected. Try again.',
  platform_error: 'The platform ended the sign-in with an error. Start again from Settings.',
} as const;

export type ConnectionProblem = keyof typeof problemSentences;
