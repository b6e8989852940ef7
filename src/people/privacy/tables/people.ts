import type { Tables } from '#src/people/privacy/tables.ts';

const account = 'the person is erased, or leaves their last workspace';

/** Tables of people and of the program's own rooms. Shared ones belong to whoever signs in, over all workspaces. */
export const people: Tables = {
  migrations: { plain: 'name sha256' },
  users: {
    who: 'name email image',
    people: { whose: 'members', why: 'Signing in, and saying who did what', until: account },
  },
  sessions: {
    who: 'ip_address',
    plain: 'token user_agent',
    people: { whose: 'members', why: 'Keeping a browser signed in', until: 'the session ends' },
  },
  credentials: {
    who: 'account_id',
    plain: 'provider_id password access_token refresh_token id_token scope',
    people: { whose: 'members', why: 'Signing in', until: account },
  },
  verifications: {
    who: 'identifier',
    plain: 'value',
    people: { whose: 'members', why: 'One-time codes of signing in', until: 'they expire' },
  },
  passkeys: { plain: 'name public_key credential_id device_type transports aaguid' },
  two_factors: { plain: 'secret backup_codes last_code' },
  rate_limits: {
    who: 'key',
    plain: 'id',
    people: { whose: 'callers', why: 'Slowing down whoever guesses passwords', until: 'the count starts again' },
  },
  workspaces: { plain: 'name slug link_domain' },
  memberships: {},
  invitations: {
    who: 'email',
    plain: 'token_hash',
    rows: { by: 'email', of: 'emails', erase: 'remove' },
    people: { whose: 'members', why: 'Inviting somebody into the workspace', until: 'the person is erased' },
  },
  api_keys: { plain: 'name prefix scopes' },
  api_key_hashes: { plain: 'hash' },
  activities: {
    prose: 'detail',
    plain: 'name actor',
    people: { whose: 'members', why: 'Setting off what happens next', until: 'the retention of activities' },
  },
  flow_runs: { prose: 'message', plain: 'reaction' },
  audit_log: {
    plain: 'actor operation subject address before after previous_hash hash',
    people: {
      whose: 'members',
      why: 'Proving who did what; ids of users and keys, and the values changed, never an e-mail address',
      until: 'for good: a link taken out would break the chain',
    },
  },
  audit_heads: { plain: 'hash' },
  ai_settings: { plain: 'base_url model may_leave price_model' },
  mail_settings: { plain: 'host username from_address from_name' },
  ai_calls: { prose: 'message answer', plain: 'purpose prompt_version provider model sent withheld' },
  consents: {
    plain: 'person purpose source',
    people: {
      whose: 'visitors',
      why: 'Proving who agreed to what, by a fingerprint that names nobody',
      until: 'the workspace is removed',
    },
  },
  privacy_requests: {
    plain: 'person failure counts',
    people: {
      whose: 'customers',
      why: 'Proving that a request was answered, by a fingerprint that names nobody',
      until: 'the workspace is removed',
    },
  },
  retention_settings: {},
  purges: { plain: 'table_name' },
  suppressed_addresses: {
    plain: 'fingerprint',
    people: {
      whose: 'subscribers',
      why: 'Not writing again to an address that was erased, by a fingerprint that names nobody',
      until: 'its owner subscribes again',
    },
  },
  notices: { prose: 'title body', plain: 'kind path dedupe' },
  webhooks: { plain: 'name url activities switched_off_reason' },
  webhook_deliveries: { plain: 'reason' },
  webhook_attempts: { prose: 'answer' },
  backups: { plain: 'path sha256 error made_by verify_error' },
  backup_settings: { plain: 'id' },
  restores: { plain: 'path' },
  sealing_keys: { plain: 'id' },
  installation_secrets: { plain: 'name' },
};
