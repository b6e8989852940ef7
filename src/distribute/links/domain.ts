import { type Context, transaction } from '#src/context.ts';
import { addressOf, domainOf } from './address.ts';

/** Where a short domain says which server answers it. */
export const PROOF_PATH = '/.well-known/fanfare';

/** What this server answers on a short domain of its own; no other server can know it. */
export function proofFor(context: Pick<Context, 'secrets'>, domain: string): string {
  return `fanfare ${context.secrets.fingerprint('link domain', domain)}`;
}

/** The short domain of the workspace: what to write into its DNS, and, when asked to check, whether it leads here. */
export async function showDomain(context: Context, check: boolean) {
  const domain = await transaction(context, domainOf);
  const target = new URL(context.publicUrl).hostname;
  return {
    domain,
    example: addressOf(context, domain, 'launch'),
    target,
    instructions: instructionsFor(domain ?? 'go.example.com', target, context.config.PORT),
    check: check && domain ? await leadsHere(context, domain) : null,
  };
}

function instructionsFor(domain: string, target: string, port: number): string[] {
  const sub = domain.split('.').length > 2;
  return [
    sub
      ? `In the DNS of ${domain.split('.').slice(1).join('.')}, add a CNAME record: ${domain} points to ${target}.`
      : `In the DNS of ${domain}, add an ALIAS or ANAME record that points to ${target}. Where there is none, add A and AAAA records with the addresses of ${target}.`,
    `Let the web server in front of Fanfare answer https://${domain} with a certificate of its own and pass the host name on unchanged. With Caddy one line does both: ${domain} { reverse_proxy localhost:${port} }`,
    'Then check here. Until it leads here, people who follow a link with this domain arrive nowhere; links under the public address go on working.',
  ];
}

async function leadsHere(context: Context, domain: string): Promise<{ leadsHere: boolean; message: string }> {
  const answer = await context.web.fetchText(`https://${domain}${PROOF_PATH}`, { totalMs: 8000, maxBytes: 1000 });
  if (!answer.ok) return { leadsHere: false, message: `https://${domain} did not answer: ${answer.refusal.message}` };
  if (answer.page.text.trim() === proofFor(context, domain))
    return { leadsHere: true, message: `https://${domain} leads here.` };
  return {
    leadsHere: false,
    message: `https://${domain} answers, but not from this server. Check that its DNS points here and that the host name is passed on unchanged.`,
  };
}
