/** Access to an account of edna Pulse. */
export interface PulseAccount {
  baseUrl: string;
  apiKey: string;
  /** How long Pulse may take to answer, in ms. */
  timeout: number;
}

/** Redirects are not followed: they would take the key and the content along. */
export const ask = ({ baseUrl, apiKey, timeout }: PulseAccount, path: string, body: object): Promise<Response> =>
  fetch(`${baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });

/** At most `limit` bytes; undefined when the body is longer or broke off, since the status line says enough. */
export async function bodyOf(response: Response, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > limit) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
