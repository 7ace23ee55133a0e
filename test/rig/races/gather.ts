// Reads the evidence: the tables by SQL, the runs from Temporal, the ledger from the simulator.
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { sql } from 'kysely';
import { tell } from '../../../scripts/simulator.js';
import { OUTGOING_SEND, sendWorkflowId, THREAD, threadWorkflowId } from '../../../workflows/messages.js';
import type { Service } from '../service.js';
import { until } from '../until.js';
import type {
  BlockedIdentity,
  Delivered,
  Dispatch,
  Evidence,
  MessageRow,
  Run,
  SendRow,
  ThreadRow,
} from './evidence.js';
import { readJournal } from './journal.js';
import { inLanes } from './lanes.js';
import { runOf } from './run-history.js';

const PATIENCE = 30_000; // ms
const AT_ONCE = 8;

/**
 * All that there is to see of these clients, once nothing is under way any more; what is under way for ever is seen
 * as it stands.
 * @param since no run of theirs began before
 */
export async function gather(service: Service, clients: ReadonlySet<string>, since: number): Promise<Evidence> {
  await until(
    () => underWay(service, clients),
    (words) => words === '',
    PATIENCE,
  ).catch(() => {});
  const runs = await until(
    () => runsOf(service, clients, since),
    ({ differ }) => differ === 0,
    PATIENCE,
  ).catch(() => runsOf(service, clients, since));
  const { database } = service;
  const own = <T extends { clientId: string }>(rows: T[]) => rows.filter(({ clientId }) => clients.has(clientId));
  const status = new Map(runs.sends.map((run) => [run.workflowId, run.status.name]));
  return {
    threads: own(await threadsIn(service)),
    changes: own(await readJournal(database)),
    runs: await inLanes(runs.threads, AT_ONCE, (run) => withHistory(service, run)),
    sends: own(await sendsIn(service)).map((send) => {
      const run = status.get(sendWorkflowId(send.sendId));
      return run === undefined ? send : { ...send, run };
    }),
    messages: own(await messagesIn(service)),
    dispatches: own(await dispatchesIn(service)),
    ledger: own(await ledgerIn(service)),
    blocked: own(await blockedIn(service)),
  };
}

const FINAL = ['sent', 'delivered', 'failed', 'unconfirmed', 'refused', 'rejected', 'cancelled'];

/** In words; empty when everything has come to rest. */
async function underWay({ database }: Service, clients: ReadonlySet<string>): Promise<string> {
  const own = [...clients];
  const { rows } = await sql<{ words: string }>`
    select 'inbox ' || inbox_id as words from inbox where relayed_at is null
    union all
    select 'send ' || send_id || ' is ' || state from sends where client_id = any(${own}) and not state = any(${FINAL})
    union all
    select 'thread ' || thread_id || ' opens' from threads where client_id = any(${own}) and state = 'OPENING'
    union all
    select 'message ' || entry_id || ' is in no thread' from messages
     where client_id = any(${own}) and direction = 'IN' and thread_id is null
       and not exists (select 1 from identities
                        where identities.client_id = messages.client_id and identities.channel_id = messages.channel_id and blocked)
     limit 5`.execute(database);
  return rows.map(({ words }) => words).join(', ');
}

interface Runs {
  threads: WorkflowExecutionInfo[];
  sends: WorkflowExecutionInfo[];
  /** How many rows and runs do not agree, perhaps since Temporal's list lags. */
  differ: number;
}

async function runsOf(service: Service, clients: ReadonlySet<string>, since: number): Promise<Runs> {
  const listed = async (type: string) => {
    const query = `WorkflowType = "${type}" AND StartTime >= "${new Date(since).toISOString()}"`;
    const found: WorkflowExecutionInfo[] = [];
    for await (const run of service.temporal.workflow.list({ query, pageSize: 1000 })) found.push(run);
    return found;
  };
  const ids = new Set([...clients].map(threadWorkflowId));
  const threads = (await listed(THREAD)).filter(({ workflowId }) => ids.has(workflowId));
  const rows = (await threadsIn(service)).filter(({ clientId }) => clients.has(clientId));
  const sends = await listed(OUTGOING_SEND);
  const status = new Map([...threads, ...sends].map((run) => [run.runId, run.status.name]));
  const astray = rows.filter(({ runId, state }) => (status.get(runId) === 'RUNNING') === (state === 'CLOSED')).length;
  const ended = new Map(sends.map((run) => [run.workflowId, run.status.name]));
  const unfinished = (await sendsIn(service)).filter(
    ({ clientId, sendId, state }) =>
      clients.has(clientId) &&
      (ended.get(sendWorkflowId(sendId)) ?? (state === 'refused' ? 'COMPLETED' : '')) !== 'COMPLETED',
  ).length;
  return { threads, sends, differ: astray + unfinished + Math.abs(rows.length - threads.length) };
}

async function withHistory({ temporal }: Service, info: WorkflowExecutionInfo): Promise<Run> {
  return runOf(info, await temporal.workflow.getHandle(info.workflowId, info.runId).fetchHistory());
}

async function threadsIn({ database }: Service): Promise<ThreadRow[]> {
  const rows = await database.selectFrom('threads').selectAll().execute();
  return rows.map((row) => ({
    threadId: row.thread_id,
    clientId: row.client_id,
    channelId: row.channel_id,
    runId: row.run_id,
    state: row.state,
    openerKind: row.opener_kind,
    openerId: row.opener_id,
    position: row.position,
    openedAt: row.opened_at.getTime(),
    ...(row.closed_at !== null && { closedAt: row.closed_at.getTime() }),
    ...(row.close_reason !== null && { closeReason: row.close_reason }),
  }));
}

async function sendsIn({ database }: Service): Promise<SendRow[]> {
  const rows = await database.selectFrom('sends').selectAll().execute();
  return rows.map((row) => ({
    sendId: row.send_id,
    clientId: row.client_id,
    channelId: row.channel_id,
    state: row.state,
    isReply: row.reply !== null,
    ...(row.agent_id !== null && { agentId: row.agent_id }),
    ...(row.verdict !== null && { verdict: row.verdict }),
    ...(row.thread_id !== null && { threadId: row.thread_id }),
  }));
}

async function messagesIn({ database }: Service): Promise<MessageRow[]> {
  const rows = await database
    .selectFrom('messages')
    .leftJoin('inbox', (join) =>
      join
        .onRef('inbox.channel_id', '=', 'messages.channel_id')
        .on((is) => is(sql`'in:' || inbox.identity`, '=', is.ref('messages.identity'))),
    )
    .selectAll('messages')
    .select('inbox_id')
    .where('kind', '=', 'MESSAGE')
    .execute();
  return rows.map((row) => ({
    entryId: row.entry_id,
    clientId: row.client_id,
    channelId: row.channel_id,
    position: row.position,
    direction: row.direction ?? 'OUT',
    ...(row.thread_id !== null && { threadId: row.thread_id }),
    ...(row.send_id !== null && { sendId: row.send_id }),
    ...(row.text !== null && { text: row.text }),
    ...(row.inbox_id !== null && { acknowledged: row.inbox_id }),
  }));
}

async function dispatchesIn({ database }: Service): Promise<Dispatch[]> {
  const { rows } = await sql<Dispatch>`
    select dispatches.send_id as "sendId", client_id as "clientId", part, reference, outcome,
           channels.body->'provider'->>'kind' <> 'INTERNAL' as "isOnWire"
      from dispatches join sends using (send_id) join channels using (channel_id)`.execute(database);
  return rows;
}

/** By the phone, which is the client's own in every race. */
async function ledgerIn({ database, simulator }: Service): Promise<Delivered[]> {
  const { items } = (await tell(simulator, 'GET', '/_ledger')) as { items: { to: string; key: string }[] };
  const owners = await database.selectFrom('clients').select(['client_id', 'phone']).execute();
  const ownerOf = new Map(owners.map(({ client_id, phone }) => [phone, client_id]));
  return items.map(({ to, key }) => ({ clientId: ownerOf.get(to) ?? `somebody at ${to}`, key }));
}

async function blockedIn({ database }: Service): Promise<BlockedIdentity[]> {
  const rows = await database
    .selectFrom('identities')
    .select(['client_id', 'channel_id'])
    .where('blocked', '=', true)
    .execute();
  return rows.map((row) => ({ clientId: row.client_id, channelId: row.channel_id }));
}
