import { freePorts } from '../../scripts/servers/index.js';
import type { Service } from './service.js';

/** `viber-away`: a channel whose provider's port nobody listens on. */
export async function putUnreachableChannel({ operator }: Service): Promise<void> {
  const [port] = await freePorts(1);
  await operator.putChannel('viber-away', {
    type: 'VIBER',
    name: 'Away',
    enabled: true,
    provider: {
      kind: 'PULSE',
      baseUrl: `http://127.0.0.1:${port}`,
      apiKey: { value: 'key' },
      webhookKey: { value: 'key' },
      subjectId: 1,
      cascadeId: 1,
    },
    templatePolicy: 'NEVER',
    attachments: { allowed: false, maxCount: 0, maxBytes: 0, types: [] },
    maxText: 100,
  });
}
