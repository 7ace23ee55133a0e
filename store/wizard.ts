// The open wizards of clients. Written first and then read on both sides, so that no thread opens unseen (LIV10).
import type { OpenWizards } from '../activities/ports.js';
import type { Database } from './database.js';

export interface WizardStore extends OpenWizards {
  /** Before the wizard reads the client's thread. */
  register(wizard: { wizardId: string; clientId: string; agentId: string }): Promise<void>;
}

export const createWizardStore = (database: Database): WizardStore => ({
  async register({ wizardId, clientId, agentId }) {
    await database
      .insertInto('wizards')
      .values({ wizard_id: wizardId, client_id: clientId, agent_id: agentId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  },

  async openOf(clientId) {
    const rows = await database
      .selectFrom('wizards')
      .select('wizard_id')
      .where('client_id', '=', clientId)
      .where('is_open', '=', true)
      .execute();
    return rows.map((row) => row.wizard_id);
  },
});
