import { describe, expect, it } from 'vitest';
import type { ChannelStore, OpenChannel } from '../../store/channel.js';
import { createChannels } from '../../worker/channels.js';
import { aPart } from '../builders.js';
import { filesOf } from './files.js';

const REFERENCE = 'b8b8e7b2-58d6-5f0e-9c0f-6a3f5d1e2c01';
const ORIGIN = { sendId: '7c1e0a52-1f3b-4a55-9a43-6e0a1d2b9f10', part: 0 };

const url = 'https://provider.invalid';
const pulse = { kind: 'PULSE', baseUrl: url, apiKey: 'key', subjectId: 1, cascadeId: 2, webhookKey: 'key' } as const;
const open: Record<string, OpenChannel> = {
  whatsapp: { type: 'WHATSAPP', provider: pulse },
  mail: {
    type: 'EMAIL',
    provider: { kind: 'SMTP', host: 'h', port: 25, tls: 'NONE', from: { address: 'a@b.example' } },
  },
  chat: { type: 'WEB_CHAT', provider: { kind: 'INTERNAL' } },
  app: { type: 'MOBILE_APP', provider: { kind: 'INTERNAL' } },
  cloud: {
    type: 'WHATSAPP',
    provider: {
      kind: 'WHATSAPP_CLOUD',
      baseUrl: url,
      phoneNumberId: '1',
      businessAccountId: '2',
      accessToken: 'key',
      appSecret: 'key',
      verifyToken: 'key',
    },
  },
  apple: {
    type: 'APPLE_MESSAGES',
    provider: { kind: 'APPLE', baseUrl: url, businessId: '1', mspId: '2', secret: 'key' },
  },
  telegram: { type: 'TELEGRAM', provider: { kind: 'TELEGRAM', baseUrl: url, botToken: 'key', webhookSecret: 'key' } },
};

/** The configured channels above, by name. */
const store: Pick<ChannelStore, 'find' | 'open'> = {
  find: (channelId) => Promise.resolve(shown(channelId)),
  open: (channelId) => Promise.resolve(open[channelId]),
};

const shown = (channelId: string) =>
  open[channelId] && {
    channelId,
    type: open[channelId].type,
    name: channelId,
    enabled: true,
    provider: { kind: open[channelId].provider.kind },
    templatePolicy: 'NEVER' as const,
    windowSeconds: 86_400,
    attachments: { allowed: true, maxCount: 1, maxBytes: 1, types: [] },
    maxText: 1000,
  };

const channels = createChannels(store, { provider: 30_000, mail: 600_000 }, filesOf());

it.each([
  { channelId: 'whatsapp', traits: { isKeyed: true, expectsReceipts: true, timeout: 30_000 } },
  { channelId: 'mail', traits: { isKeyed: false, expectsReceipts: false, timeout: 600_000 } },
  { channelId: 'chat', traits: { isKeyed: true, expectsReceipts: false, timeout: 30_000 } },
  { channelId: 'app', traits: { isKeyed: true, expectsReceipts: false, timeout: 30_000 } },
  { channelId: 'cloud', traits: { isKeyed: true, expectsReceipts: false, timeout: 30_000 } },
  { channelId: 'apple', traits: { isKeyed: true, expectsReceipts: false, timeout: 30_000 } },
  { channelId: 'telegram', traits: { isKeyed: true, expectsReceipts: false, timeout: 30_000 } },
])('the channel $channelId is like every one of its provider kind: $traits (A32)', async ({ channelId, traits }) => {
  expect(await channels.traitsOf(channelId)).toEqual(traits);
  expect(await channels.find(channelId)).toMatchObject(traits);
});

it.each([
  { type: 'WEB_CHAT', channelId: 'chat' },
  { type: 'MOBILE_APP', channelId: 'app' },
])('a message by $type is delivered by standing in our own store (channels 2.7)', async ({ channelId }) => {
  const channel = await channels.find(channelId);

  expect(await channel.deliver(aPart(), REFERENCE, ORIGIN, false)).toEqual({ outcome: 'accepted' });
  expect(await channel.deliver(aPart(), REFERENCE, ORIGIN, true)).toEqual({ outcome: 'accepted' });
});

describe('a provider without an adapter', () => {
  it.each([
    { kind: 'WHATSAPP_CLOUD', channelId: 'cloud' },
    { kind: 'APPLE', channelId: 'apple' },
    { kind: 'TELEGRAM', channelId: 'telegram' },
  ])('$kind refuses at once and says why (A31)', async ({ kind, channelId }) => {
    const channel = await channels.find(channelId);

    expect(await channel.deliver(aPart(), REFERENCE, ORIGIN, false)).toEqual({
      outcome: 'final',
      failure: { code: 'SENDER_ACCOUNT_PROBLEM', detail: `this version cannot send through ${kind} yet` },
    });
  });
});

it('a channel that does not exist is a fault', async () => {
  await expect(channels.find('gone')).rejects.toThrow('channel gone does not exist');
  await expect(channels.traitsOf('gone')).rejects.toThrow('channel gone does not exist');
});
