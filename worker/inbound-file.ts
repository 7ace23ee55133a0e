// Files of clients as attachments of ours, under an id that follows from their place in the message: a repeat finds them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { InboundFileAnswer, InboundFiles } from '../activities/ports.js';
import { createFileFetch, type FetchFile } from '../channels/file-fetch.js';
import type { Channel } from '../domain/contracts/channel.js';
import type { ProviderFile } from '../domain/provider-fact.js';
import type { AttachmentStore } from '../store/attachment.js';
import type { ChannelStore } from '../store/channel.js';
import { deriveId } from '../store/identity.js';

export interface InboundFileParts {
  channels: Pick<ChannelStore, 'find'>;
  attachments: Pick<AttachmentStore, 'find' | 'keep'>;
  fetchFile?: FetchFile;
  /** How long the relay, which has other facts to bring, waits for one file, in ms. Default 2,000. */
  patience?: number;
}

export function createInboundFiles(parts: InboundFileParts): InboundFiles {
  const { channels, attachments, fetchFile = createFileFetch(), patience = 2_000 } = parts;
  const onTheirWay = new Map<string, Promise<InboundFileAnswer>>();

  async function download(channelId: string, attachmentId: string, file: ProviderFile): Promise<InboundFileAnswer> {
    const { url, name } = file;
    const trustedOrigin = originOf(await channels.find(channelId));
    return onDisk(async (path) => {
      const answer = await fetchFile({ url, path, trustedOrigin });
      if (answer.outcome !== 'fetched') return answer;
      const { size, sha256 } = answer;
      const kept = await attachments.keep({ attachmentId, name, path, size, sha256 });
      return kept.outcome === 'kept' ? { outcome: 'kept', attachmentId } : { outcome: 'refused' };
    });
  }

  /** Goes on when nobody waits for it any more. */
  function begin(channelId: string, attachmentId: string, file: ProviderFile): Promise<InboundFileAnswer> {
    const begun = download(channelId, attachmentId, file).finally(() => onTheirWay.delete(attachmentId));
    begun.catch(() => {}); // whoever waits is told, and whoever comes later begins anew
    onTheirWay.set(attachmentId, begun);
    return begun;
  }

  return {
    async fetch({ channelId, identity, index }, file) {
      const attachmentId = deriveId(channelId, identity, 'file', String(index));
      if ((await attachments.find(attachmentId)) !== undefined) return { outcome: 'kept', attachmentId };
      const answer = onTheirWay.get(attachmentId) ?? begin(channelId, attachmentId, file);
      const waited = new AbortController();
      try {
        return await Promise.race([answer, pause(patience, STILL_ON_ITS_WAY, { signal: waited.signal })]);
      } finally {
        waited.abort();
      }
    },
  };
}

const STILL_ON_ITS_WAY: InboundFileAnswer = { outcome: 'away', reason: 'it is still on its way' };

/** Of the provider, as an operator has set it. */
function originOf(channel: Channel | undefined): string | undefined {
  const baseUrl = channel?.provider['baseUrl'];
  return typeof baseUrl === 'string' ? new URL(baseUrl).origin : undefined;
}

async function onDisk<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'outgoing-messages-inbound-'));
  try {
    return await use(join(folder, 'file'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
