// Tells the open wizards of a client that a thread has opened or closed. Whoever opens one writes its row first and then
// reads the wizards; a wizard writes its row first and then reads the thread: whoever is second sees the other (LIV10).
import type { WorkflowClient } from '@temporalio/client';
import { threadClosedSignal, threadOpenedSignal, wizardWorkflowId } from '../workflows/messages.js';
import { unlessEnded } from './ended.js';
import type { OpenWizards } from './ports.js';

interface Announced {
  threadId: string;
  clientId: string;
}

/** After the row is written. A repeat tells the same again; a wizard knows the thread by its id. */
export interface Announce {
  opened(thread: Announced): Promise<void>;
  closed(thread: Announced): Promise<void>;
}

export function createAnnounce(workflows: WorkflowClient, wizards: OpenWizards): Announce {
  const tell =
    (signal: typeof threadOpenedSignal) =>
    async ({ clientId, threadId }: Announced) => {
      const open = await wizards.openOf(clientId);
      await Promise.all(
        open.map((wizardId) =>
          workflows.getHandle(wizardWorkflowId(wizardId)).signal(signal, { threadId }).catch(unlessEnded),
        ),
      );
    };
  return { opened: tell(threadOpenedSignal), closed: tell(threadClosedSignal) };
}
