// The connection to PostgreSQL and the shape of its tables.
import { type ColumnType, type Generated, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { AgentBody } from '../domain/contracts/agent.js';
import type { Attachment } from '../domain/contracts/attachment.js';
import type { ChannelBody } from '../domain/contracts/channel.js';
import type { Contact, IdentityOrigin } from '../domain/contracts/client.js';
import type { Delivery } from '../domain/contracts/delivery.js';
import type { BotBody, NamedBody } from '../domain/contracts/directory.js';
import type { Failure, FailureCode } from '../domain/contracts/failure.js';
import type { HistoryEvent } from '../domain/contracts/history.js';
import type { MessageTemplateBody } from '../domain/contracts/message-template.js';
import type { ResponseTemplateBody } from '../domain/contracts/response-template.js';
import type { Action, Content, SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import type { Settings } from '../domain/contracts/settings.js';
import type { CloseReason, ThreadState, TransferTarget } from '../domain/contracts/thread.js';
import type { Actor } from '../domain/thread-command.js';
import type { OutgoingMessage } from '../domain/outgoing-message.js';
import type { FactKind } from '../domain/receipt.js';
import type { ProviderFact } from '../domain/provider-fact.js';

type Json<T> = ColumnType<T, string, string>;
type JsonOrNull<T> = ColumnType<T | null, string | null | undefined, string | null>;
/** Filled in by the database. */
type Now = Generated<Date>;

/** What is kept as it was put, in lists that go by position, newest first. */
interface Listed<Body> {
  position: Generated<number>;
  body: Json<Body>;
  created_at: Now;
}

export interface Tables {
  settings: { only_row: Generated<boolean>; body: Json<Partial<Settings>> };
  tokens: {
    token_id: Generated<string>;
    hash: string;
    role: string;
    agent_id: string | null;
    name: string;
    created_at: Now;
    revoked_at: ColumnType<Date | null, never, Date>;
  };
  agents: { agent_id: string } & Listed<AgentBody>;
  groups: { group_id: string } & Listed<NamedBody>;
  skills: { skill_id: string } & Listed<NamedBody>;
  departments: { department_id: string } & Listed<NamedBody>;
  bots: { bot_id: string } & Listed<BotBody>;
  response_templates: { response_template_id: string } & Listed<ResponseTemplateBody>;
  channels: { channel_id: string } & Listed<StoredChannel>;
  clients: {
    client_id: string;
    name: string | null;
    external_id: string | null;
    phone: string | null;
    email: string | null;
    blocked: boolean;
    /** See store/client-search.ts. */
    search: Generated<string>;
    position: Generated<number>;
    created_at: Now;
  };
  contacts: { type: Contact['type']; value: string; client_id: string };
  identities: {
    channel_id: string;
    address: string;
    client_id: string;
    username: string | null;
    blocked: boolean;
    last_inbound_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
    origin: IdentityOrigin;
  };
  message_templates: {
    channel_id: string;
    template_id: string;
    synchronised: Generated<boolean>;
  } & Listed<MessageTemplateBody>;
  blobs: { sha256: string; size: number; created_at: Now };
  blob_chunks: { sha256: string; index: number; bytes: Buffer };
  attachments: {
    attachment_id: Generated<string>;
    sha256: string;
    name: string;
    type: string;
    token_id: string | null;
    created_at: Now;
  };
  threads: {
    thread_id: string;
    client_id: string;
    channel_id: string;
    run_id: string;
    version: number;
    state: ThreadState;
    agent_id: string | null;
    target_kind: Exclude<TransferTarget['kind'], 'EMPLOYEE'> | null;
    target_id: string | null;
    minimised: boolean;
    opener_kind: 'SEND' | 'CLIENT';
    opener_id: string;
    position: Generated<number>;
    opened_at: Now;
    /** The agent of an open thread. */
    held_by: ColumnType<string | null, never, never>;
    waiting_since: Now;
    closes_at: Date | null;
    closed_at: Date | null;
    close_reason: CloseReason | null;
  };
  turns: { name: string; taken_until: Date };
  thread_notes: { note_id: string; thread_id: string; text: string; created_at: Now };
  wizards: {
    wizard_id: string;
    client_id: string;
    agent_id: string;
    is_open: Generated<boolean>;
    created_at: Now;
  };
  sends: {
    send_id: string;
    agent_id: string | null;
    client_id: string;
    channel_id: string;
    content: Json<Content>;
    attachment_ids: ColumnType<string[], string | undefined, never>;
    action: JsonOrNull<Action>;
    reply: JsonOrNull<{ threadId: string; actor: Actor }>;
    state: SendState;
    verdict: Verdict | null;
    opens_thread_id: string;
    thread_id: string | null;
    address: string | null;
    message: JsonOrNull<OutgoingMessage>;
    failure_code: FailureCode | null;
    created_at: Now;
  };
  messages: {
    entry_id: Generated<string>;
    position: Generated<number>;
    client_id: string;
    channel_id: string;
    thread_id: string | null;
    kind: 'MESSAGE' | 'SYSTEM';
    direction: 'OUT' | 'IN' | null;
    send_id: string | null;
    agent_id: string | null;
    at: Now;
    text: string | null;
    title: string | null;
    signature: string | null;
    subject: string | null;
    attachments: ColumnType<Attachment[], string | undefined, never>;
    delivery: JsonOrNull<Delivery>;
    event: JsonOrNull<HistoryEvent>;
    identity: string;
  };
  dispatches: {
    send_id: string;
    part: number;
    attempt: number;
    reference: string;
    content_hash: string;
    begun_at: Now;
    finished_at: Date | null;
    outcome: 'accepted' | 'final' | 'retry' | 'unknown' | null;
    provider_message_id: string | null;
    failure: JsonOrNull<Failure>;
  };
  receipts: {
    receipt_id: Generated<number>;
    channel_id: string;
    identity: string;
    send_id: string | null;
    part: number | null;
    reference: string | null;
    provider_message_id: string | null;
    kind: FactKind;
    failure: JsonOrNull<Failure>;
    provider_at: ColumnType<Date | null, Date | string | null | undefined, never>;
    received_at: Now;
  };
  inbox: {
    inbox_id: Generated<number>;
    channel_id: string;
    identity: string;
    order_key: string;
    fact: Json<ProviderFact>;
    received_at: Now;
    attempts: Generated<number>;
    due_at: Now;
    relayed_at: Date | null;
  };
  idempotency_keys: {
    token_id: string;
    key: string;
    route: string;
    body_hash: string;
    status: number | null;
    answer: JsonOrNull<unknown>;
    created_at: Now;
  };
}

/** A channel's settings with its secrets sealed. */
export type StoredChannel = Omit<ChannelBody, 'provider'> & { provider: StoredProvider };
export type StoredProvider = { kind: ChannelBody['provider']['kind'] } & Record<string, unknown>;

export type Database = Kysely<Tables>;
export type Executor = Database | Transaction<Tables>;

const INT8 = 20;
pg.types.setTypeParser(INT8, Number); // counters; far below 2^53

/** @param onLost is told when an idle connection breaks; the pool opens another by itself. */
export function openDatabase(url: string, poolSize: number, onLost: (error: Error) => void): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
  });
  pool.on('error', onLost);
  // Of one that is in use the query, or the next one, fails; unheard, its loss would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const SERIALIZATION_FAILURES = ['40001', '40P01'];

export const isUniqueViolation = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION;

export const isForeignKeyViolation = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && error.code === FOREIGN_KEY_VIOLATION;

const isSerializationFailure = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && SERIALIZATION_FAILURES.includes(error.code ?? '');

/**
 * One transaction, repeated when the database asks for it.
 * @param mayRepeat what else a repeat may find settled
 */
export async function inTransaction<T>(
  database: Database,
  work: (tx: Transaction<Tables>) => Promise<T>,
  mayRepeat: (error: unknown) => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction().execute(work);
    } catch (error) {
      if (!(isSerializationFailure(error) || mayRepeat(error)) || attempt === 5) throw error;
    }
  }
}

const AWAY = /^(08|57|53)/; // connection, shutdown or time-out, out of resources
const SOCKET_CODES = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'];

/** The database cannot answer now; the same work may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return AWAY.test(error.code ?? '');
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    SOCKET_CODES.includes(code) ||
    /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message)
  );
}
