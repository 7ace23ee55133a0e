// A small chat center to begin with: agents, channels on the simulator, templates, clients. What is there already stays
// as its users have left it; only the simulator, which forgets, is told anew at every start.
import { ChatCenter } from '../client/index.js';
import { openDatabase } from '../store/database.js';
import { createTokenStore } from '../store/token.js';
import {
  agents,
  channels,
  clients,
  type DemoAddresses,
  departments,
  groups,
  responseTemplates,
  skills,
  templates,
} from './demo-data.js';
import { registerCallbacks, registerTemplates, tell } from './simulator.js';

export interface DemoStack extends DemoAddresses {
  api: string;
  database: string;
}

export async function fillDemoDirectory(stack: DemoStack): Promise<void> {
  const database = openDatabase(stack.database, 1, () => {});
  try {
    const isNew = (await database.selectFrom('channels').select('channel_id').executeTakeFirst()) === undefined;
    if (isNew) await asOperator(createTokenStore(database), stack.api, (chatCenter) => fill(chatCenter, stack));
  } finally {
    await database.destroy();
  }
  await registerAtSimulator(stack);
}

/** Under a token that lives as long as the work. */
async function asOperator(
  tokens: ReturnType<typeof createTokenStore>,
  baseUrl: string,
  work: (chatCenter: ChatCenter) => Promise<void>,
): Promise<void> {
  const token = await tokens.create({ role: 'operator', name: 'demo directory' });
  try {
    await work(new ChatCenter({ baseUrl, token }));
  } finally {
    await tokens.revoke(token);
  }
}

async function fill(chatCenter: ChatCenter, addresses: DemoAddresses): Promise<void> {
  for (const [id, body] of Object.entries(groups)) await chatCenter.putGroup(id, body);
  for (const [id, body] of Object.entries(skills)) await chatCenter.putSkill(id, body);
  for (const [id, body] of Object.entries(departments)) await chatCenter.putDepartment(id, body);
  for (const [agentId, body] of Object.entries(agents)) await chatCenter.putAgent(agentId, body);
  for (const [channelId, body] of Object.entries(channels(addresses))) await chatCenter.putChannel(channelId, body);
  for (const { channelId, templateId, ...body } of templates) await chatCenter.putTemplate(channelId, templateId, body);
  for (const [id, body] of Object.entries(responseTemplates)) await chatCenter.putResponseTemplate(id, body);
  for (const [clientId, body] of Object.entries(clients)) await chatCenter.putClient(clientId, body);
}

/** What an administrator does once in the provider's account: where callbacks go, and which templates are registered. */
async function registerAtSimulator({ api, simulator }: DemoStack): Promise<void> {
  const noTemplates = { subject: 'northwind_plain', type: 'WHATSAPP', cascadeId: 4109 };
  await tell(simulator, 'PUT', '/_subjects/3393', noTemplates);
  await registerCallbacks(simulator, api, { 'wa-main': 3391, 'viber-main': 3392, 'wa-no-templates': 3393 });
  await registerTemplates(simulator, 3391, templates);
}
