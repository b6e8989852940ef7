/** Loopback and private addresses, and the names that stand for them (`localhost`, `ollama`, `nas.local`). */
export function isLocal(baseUrl: string | undefined): boolean {
  if (!baseUrl || !URL.canParse(baseUrl)) return false;
  const host = new URL(baseUrl).hostname.replace(/^\[|\]$/g, '');
  const address = /^[\d.]+$/.test(host) || host.includes(':');
  return (
    host === 'localhost' ||
    (address && /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/.test(host)) ||
    /\.(local|internal|lan|home\.arpa)$/.test(host) ||
    (!host.includes('.') && !host.includes(':'))
  );
}
