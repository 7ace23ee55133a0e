// Everything that stands against a content, sent with the action that its channel wants.
import type { Content } from '../../domain/contracts/outgoing-send.js';
import type { Refusal } from '../../domain/contracts/refusal.js';
import { findRefusals } from '../../domain/eligibility.js';
import type { SendSituation } from '../../domain/situation.js';
import { aText } from '../builders.js';

export const against = (situation: SendSituation, content: Content = aText()): Refusal[] =>
  findRefusals(situation, { content, ...(situation.channel.type !== 'EMAIL' && { action: { kind: 'CLOSE' } }) });

export const codesAgainst = (situation: SendSituation, content: Content = aText()): Refusal['code'][] =>
  against(situation, content).map(({ code }) => code);
