import type { WorkflowClient } from '@temporalio/client';
import type { SweepPorts } from '../activities/sweep.js';
import { createOutgoingSendActivities } from '../activities/outgoing-send.js';
import type { OutgoingSendActivities, ThreadActivities } from '../activities/ports.js';
import type { RelayPorts } from '../activities/relay.js';
import { createThreadActivities } from '../activities/thread.js';
import { createThreadCalls } from '../activities/thread-calls.js';
import { createAttachmentStore } from '../store/attachment.js';
import { createChannelStore } from '../store/channel.js';
import type { Database } from '../store/database.js';
import { createDispatchStore } from '../store/dispatch.js';
import { createFileAddresses } from '../store/file-address.js';
import { createHistoryStore } from '../store/history.js';
import { createInboxStore } from '../store/inbox.js';
import { createMessageTemplateStore } from '../store/message-template.js';
import { createOrphanStore } from '../store/orphan.js';
import { createSendStore } from '../store/outgoing-send.js';
import { createReceiptStore } from '../store/receipt.js';
import { createSealing, type KeyRing } from '../store/sealing.js';
import { createSettingsStore } from '../store/settings.js';
import { createThreadStore } from '../store/thread.js';
import { createChannels, type ProviderTimeouts } from './channels.js';
import { createTemplateSync } from './message-template.js';

export interface WorkerParts {
  database: Database;
  payloadKeys: KeyRing;
  /** Where providers reach the API; they fetch files from there. */
  publicUrl: string;
  workflows: WorkflowClient;
  timeouts: ProviderTimeouts;
  environment: NodeJS.ProcessEnv;
}

export interface WiredWorker {
  activities: OutgoingSendActivities & ThreadActivities;
  relay: Omit<RelayPorts, 'onFault'>;
  sweep: SweepPorts;
  synchroniseTemplates: () => Promise<number>;
}

/** What the worker runs, wired to the database, the providers and Temporal. */
export function wire({ database, payloadKeys, publicUrl, workflows, timeouts, environment }: WorkerParts): WiredWorker {
  const channels = createChannelStore(database, createSealing(payloadKeys), environment);
  const threadLog = createThreadStore(database);
  const threads = createThreadCalls(workflows, threadLog);
  const templates = createMessageTemplateStore(database);
  const { read: settings } = createSettingsStore(database);
  const files = { ...createAttachmentStore(database), ...createFileAddresses(payloadKeys, publicUrl) };
  return {
    activities: {
      ...createOutgoingSendActivities({
        sends: createSendStore(database),
        dispatches: createDispatchStore(database),
        channels: createChannels(channels, timeouts, files),
        threads,
      }),
      ...createThreadActivities({ threads: threadLog }),
    },
    synchroniseTemplates: createTemplateSync(channels, templates, timeouts.provider),
    sweep: { orphans: createOrphanStore(database), workflows, threads },
    relay: {
      inbox: createInboxStore(database),
      receipts: createReceiptStore(database),
      messages: createHistoryStore(database),
      workflows,
      threads,
      settings,
      wantTemplates: templates.want,
      async channelType(channelId) {
        const channel = await channels.find(channelId);
        if (channel === undefined) throw new Error(`channel ${channelId} does not exist`);
        return channel.type;
      },
    },
  };
}
