/** Refusals as X words them. */

export class Problem extends Error {
  status: 400 | 401 | 403 | 404 | 413 | 429;
  body: Record<string, unknown>;
  constructor(status: Problem['status'], body: Record<string, unknown>) {
    super(String(body.detail));
    this.status = status;
    this.body = { ...body, status };
  }
}

/** A refusal without a code of its own. */
export function forbidden(detail: string): Problem {
  return new Problem(403, { detail, type: 'about:blank', title: 'Forbidden' });
}

/** Names the parameter X stumbles on. */
export function invalid(parameter: string, message: string, values: string[] = []): Problem {
  return new Problem(400, {
    errors: [{ parameters: { [parameter]: values }, message }],
    title: 'Invalid Request',
    detail: 'One or more parameters to your request was invalid.',
    type: 'https://api.x.com/2/problems/invalid-request',
  });
}

/** What is not there, as one of several in an answer. */
export function notFound(id: string, type: 'post' | 'media' = 'post', parameter = 'ids') {
  return {
    resource_id: id,
    resource_type: type,
    parameter,
    value: id,
    title: 'Not Found Error',
    detail: `Could not find ${type} with ${parameter}: [${id}].`,
    type: 'https://api.x.com/2/problems/resource-not-found',
  };
}

/** A counter that X does not tell of this post. */
export function fieldHidden(id: string) {
  return {
    resource_id: id,
    resource_type: 'post',
    field: 'non_public_metrics.impression_count',
    title: 'Field Authorization Error',
    detail: `Sorry, you are not authorized to access 'non_public_metrics.impression_count' on the post with id ${id}.`,
    type: 'https://api.x.com/2/problems/not-authorized-for-field',
  };
}
