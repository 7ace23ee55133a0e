// Refusals: every "no" of our own rules, one closed union on `code` with just the fields an agent needs.
// The codes are listed in docs/refusals.md; they are stored, so add, never rename.
import { z } from 'zod';
import { AgentStatus } from './agent.js';
import { Id } from './identifier.js';
import { ThreadCommandName, ThreadHolder, ThreadState } from './thread.js';

const of = <C extends string>(code: C) => z.object({ code: z.literal(code) });

export const Refusal = z.discriminatedUnion('code', [
  of('SENDER_STATUS').extend({ status: AgentStatus }), // R1
  of('CLIENT_BLOCKED'), // R2, A29
  of('CHANNEL_BLOCKED').extend({ by: z.enum(['US', 'CLIENT']) }), // R37
  of('THREAD_ACTIVE').extend({ holder: ThreadHolder }), // R2, R31, E3
  of('CHANNEL_DISABLED'), // R4
  of('NO_ADDRESS'), // A3
  of('TEMPLATE_REQUIRED'), // R18
  of('TEMPLATE_NOT_ALLOWED'), // R5
  of('TEMPLATE_NOT_SELECTABLE'), // R19, R23, A14
  of('VARIABLES_MISSING').extend({ names: z.array(z.string()) }), // R22
  of('VARIABLE_INVALID').extend({ name: z.string() }), // R21
  of('CONTENT_NOT_ALLOWED'), // R5
  of('TEXT_REQUIRED'), // R11
  of('TEXT_TOO_LONG').extend({ max: z.int() }), // R11
  of('TITLE_TOO_LONG').extend({ max: z.literal(61) }), // R26
  of('SIGNATURE_TOO_LONG').extend({ max: z.literal(61) }), // R26
  of('SUBJECT_REQUIRED'), // A13
  of('SUBJECT_TOO_LONG').extend({ max: z.literal(255) }), // A13
  of('BCC_INVALID'), // A12
  of('ATTACHMENT_NOT_ALLOWED').extend({ attachmentId: Id }), // R6, R19
  of('ATTACHMENT_TYPE').extend({ attachmentId: Id }), // R6
  of('ATTACHMENT_TOO_LARGE').extend({ max: z.int(), attachmentId: Id }), // R6
  of('TOO_MANY_ATTACHMENTS').extend({ max: z.int() }), // R6
  of('ACTION_REQUIRED'), // R15
  of('ACTION_NOT_ALLOWED'), // R14
  of('TRANSFER_TARGET'), // A26
  of('COMMENT_TOO_LONG').extend({ max: z.literal(220) }), // A26
  of('NOT_HOLDER').extend({ holder: ThreadHolder }), // another agent, a bot or nobody holds the thread
  of('THREAD_TAKEN').extend({ agentId: Id }), // of several who take, one wins
  of('NOT_ELIGIBLE'), // R1, or not an agent of the thread's target
  of('EVENT_NOT_ACCEPTED').extend({ state: ThreadState, accepts: z.array(ThreadCommandName) }),
]);
export type Refusal = z.infer<typeof Refusal>;
