import type { WorkflowClient } from '@temporalio/client';
import type { SweepPorts } from '../activities/sweep.js';
import { createAnnounce } from '../activities/announcement.js';
import { createOutgoingSendActivities } from '../activities/outgoing-send.js';
import type { OutgoingSendActivities, ThreadActivities } from '../activities/ports.js';
import type { RelayPorts } from '../activities/relay.js';
import { createThreadActivities } from '../activities/thread.js';
import { createThreadCalls } from '../activities/thread-calls.js';
import type { RepairPorts } from '../activities/thread-repair.js';
import { createBotCall } from '../channels/bot.js';
import { createAttachmentStore } from '../store/attachment.js';
import { createBotDesk } from '../store/bot.js';
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
import { createThreadRows } from '../store/thread-row.js';
import { takeTurn } from '../store/turn.js';
import { createWizardStore } from '../store/wizard.js';
import { createChannels, type ProviderTimeouts } from './channels.js';
import { createInboundFiles } from './inbound-file.js';
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
  repair: RepairPorts & {
    /** Of all workers one looks at a time. @param seconds for how long it is ours */
    takeTurn(seconds: number): Promise<boolean>;
  };
  synchroniseTemplates: () => Promise<number>;
}

/** What the worker runs, wired to the database, the providers and Temporal. */
export function wire({ database, payloadKeys, publicUrl, workflows, timeouts, environment }: WorkerParts): WiredWorker {
  const channels = createChannelStore(database, createSealing(payloadKeys), environment);
  const threadLog = createThreadStore(database);
  const threads = createThreadCalls(workflows, threadLog);
  const announce = createAnnounce(workflows, createWizardStore(database));
  const templates = createMessageTemplateStore(database);
  const { read: settings } = createSettingsStore(database);
  const attachments = createAttachmentStore(database);
  const files = { ...attachments, ...createFileAddresses(payloadKeys, publicUrl) };
  return {
    activities: {
      ...createOutgoingSendActivities({
        sends: createSendStore(database),
        dispatches: createDispatchStore(database),
        channels: createChannels(channels, timeouts, files),
        threads,
        announce,
      }),
      ...createThreadActivities({
        threads: threadLog,
        announce,
        bots: createBotDesk(database, createHistoryStore(database)),
        callBot: createBotCall(timeouts.provider),
      }),
    },
    synchroniseTemplates: createTemplateSync(channels, templates, timeouts.provider),
    sweep: { orphans: createOrphanStore(database), workflows, threads },
    repair: {
      rows: createThreadRows(database),
      workflows,
      takeTurn: (seconds) => takeTurn(database, 'thread-repair', seconds),
    },
    relay: {
      inbox: createInboxStore(database),
      receipts: createReceiptStore(database),
      messages: createHistoryStore(database),
      files: createInboundFiles({ channels, attachments }),
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
