import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** Fields of a payment provider's message that say who somebody is. What money needs (ids, amounts, days) is not among them. */
const PERSONAL =
  /^(name|given_name|family_name|first_name|last_name|individual_name|business_name|full_name|customer_name|user_name|username|email|customer_email|user_email|receipt_email|billing_email|phone|phone_number|customer_phone|address|billing_address|shipping_address|customer_address|shipping|billing_details|customer_shipping|line1|line2|postal_code|zip|zip_code|ip|ip_address|city|tax_ids|customer_tax_ids|fingerprint|last4|iban|card_last_four|receipt_url|hosted_invoice_url|invoice_pdf|urls)$/i;

/** Products and plans have names too; they are what has a price. */
const PRODUCT =
  /^(unit_amount|unit_price|unit_amount_decimal|interval|billing_cycle|prices|price_id|tax_category|default_price)$/;

/** Rows rewritten by one statement. */
const AT_ONCE = 200;

/**
 * Takes names, addresses, phones and the like out of what the payment provider sent of somebody; amounts and ids stay,
 * so that the money can be worked out again. Before their ids are renamed: they are found by them. Returns how many.
 */
export async function stripReceipts(inside: Inside, pattern: string): Promise<number> {
  let changed = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await sql<{ id: string; body: string }>`
      select id, body from payment_events where id > ${after} and body ~ ${pattern} order by id limit ${AT_ONCE}`.execute(
      inside.tx,
    );
    for (const { id, body } of rows) {
      const stripped = strippedBody(body);
      if (stripped === body) continue;
      await sql`update ${sql.table('payment_events')} set body = ${stripped} where id = ${id}`.execute(inside.tx);
      changed++;
    }
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) return changed;
    after = last.id;
  }
}

/** A body that is no JSON is left to the patterns. */
function strippedBody(body: string): string {
  try {
    return JSON.stringify(without(JSON.parse(body), false));
  } catch {
    return body;
  }
}

/** The same shape, with null for every text that is, or is part of, something personal. */
function without(value: unknown, personal: boolean): unknown {
  if (Array.isArray(value)) return value.map((inner) => without(inner, personal));
  if (typeof value === 'string') return personal ? null : value;
  if (value === null || typeof value !== 'object') return value;
  const product = Object.keys(value).some((key) => PRODUCT.test(key));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      without(inner, personal || (PERSONAL.test(key) && !(product && key === 'name'))),
    ]),
  );
}
