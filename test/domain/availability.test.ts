import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { AgentStatus } from '../../domain/contracts/agent.js';
import { ChannelType, type TemplatePolicy } from '../../domain/contracts/channel.js';
import { ThreadState } from '../../domain/contracts/thread.js';
import { availabilityOf, findRefusals } from '../../domain/eligibility.js';
import type { SendSituation } from '../../domain/situation.js';
import { aHolder, aMailSituation, aSituation, aTemplate, DAY, HOUR, NOW } from '../builders.js';
import { laterThan, sending, shareOfTime } from './arbitraries.js';

type Given = NonNullable<Parameters<typeof aSituation>[0]>;

/** A policy other than NEVER is for WhatsApp and Viber alone (http-api 10). */
const onChannel = (type: ChannelType, given: Given = {}) =>
  aSituation({
    ...given,
    channel: { ...given.channel, type, ...(type !== 'WHATSAPP' && type !== 'VIBER' && { templatePolicy: 'NEVER' }) },
  });

const NOT_SELECTABLE = [
  aTemplate({ locked: true }),
  aTemplate({ kind: 'OPERATOR' }),
  aTemplate({ status: 'PAUSED' }),
  aTemplate({ header: { type: 'IMAGE' } }),
  aTemplate({ buttons: [{ kind: 'URL', text: 'Open' }] }),
];
const LONG_AGO = { lastInboundAt: NOW - DAY };
const NEVER_WROTE = { lastInboundAt: null };
const PHONE = { phone: '38970123456' };
const MAIL = { email: 'mila@client.example' };

/** In each: one template can be chosen, and the policy is OUTSIDE_WINDOW, unless it says otherwise. */
const situations: Record<string, Given & { isOccupied?: true }> = {
  'wrote an hour ago': {},
  'wrote 24 h ago less 1 s': { identity: { lastInboundAt: NOW - DAY + 1000 } },
  'wrote 24 h ago': { identity: LONG_AGO },
  'has never written': { identity: NEVER_WROTE },
  'wrote an hour ago, no templates': { templates: [] },
  'wrote 24 h ago, no templates': { identity: LONG_AGO, templates: [] },
  'has never written, no templates': { identity: NEVER_WROTE, templates: [] },
  'wrote an hour ago, none to choose': { templates: NOT_SELECTABLE },
  'has never written, none to choose': { identity: NEVER_WROTE, templates: NOT_SELECTABLE },
  'wrote an hour ago, mandatory': { channel: { templatePolicy: 'ALWAYS' } },
  'wrote an hour ago, mandatory, none': { channel: { templatePolicy: 'ALWAYS' }, templates: [] },
  'has never written, optional': { channel: { templatePolicy: 'NEVER' }, identity: NEVER_WROTE },
  'has never written, optional, none': {
    channel: { templatePolicy: 'NEVER' },
    identity: NEVER_WROTE,
    templates: [],
  },

  'is blocked on this channel': { client: { ...PHONE, ...MAIL }, identity: { blocked: true } },
  'is blocked as a client': { client: { blocked: true, ...PHONE, ...MAIL } },
  'is known here, but it is disabled': { channel: { enabled: false } },
  'is known by nothing': { identity: null },
  'is known by a phone alone': { client: PHONE, identity: null },
  'is known by an e-mail address alone': { client: MAIL, identity: null },
  'has an active thread': { isOccupied: true },
  'has one, and is blocked as a client': { isOccupied: true, client: { blocked: true } },
  'has one, and it is all disabled': { isOccupied: true, channel: { enabled: false } },
  'would be written to by one OFFLINE': { agent: { status: 'OFFLINE' } },
  'would be written to by nobody yet': { agent: null },
};

/** One row a line; a cell holds for each type above it: how to compose there, and what stands against it. */
const rowsOf = (table: string) => {
  const [types = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.flatMap(([situation = '', ...cells]) =>
    cells.flatMap((offer, column) =>
      types[column + 1]!.split(' ').map((type) => ({ situation, type: ChannelType.parse(type), offer })),
    ),
  );
};

const composing = rowsOf(`
  a client who ...                    | WHATSAPP VIBER                       | EMAIL                | WEB_CHAT MOBILE_APP APPLE_MESSAGES TELEGRAM
  wrote an hour ago                   | TEMPLATE_OPTIONAL                    | TEXT                 | TEXT
  wrote 24 h ago less 1 s             | TEMPLATE_OPTIONAL                    | TEXT                 | TEXT
  wrote 24 h ago                      | TEMPLATE_REQUIRED                    | TEXT                 | TEXT
  has never written                   | TEMPLATE_REQUIRED                    | TEXT                 | TEXT
  wrote an hour ago, no templates     | TEXT                                 | TEXT                 | TEXT
  wrote 24 h ago, no templates        | HINT                                 | TEXT                 | TEXT
  has never written, no templates     | HINT                                 | TEXT                 | TEXT
  wrote an hour ago, none to choose   | TEXT                                 | TEXT                 | TEXT
  has never written, none to choose   | HINT                                 | TEXT                 | TEXT
  wrote an hour ago, mandatory        | TEMPLATE_REQUIRED                    | TEXT                 | TEXT
  wrote an hour ago, mandatory, none  | HINT                                 | TEXT                 | TEXT
  has never written, optional         | TEMPLATE_OPTIONAL                    | TEXT                 | TEXT
  has never written, optional, none   | TEXT                                 | TEXT                 | TEXT
`);

const reaching = rowsOf(`
  a client who ...                    | WHATSAPP VIBER                       | EMAIL                | WEB_CHAT MOBILE_APP APPLE_MESSAGES TELEGRAM
  is blocked on this channel          | TEMPLATE_OPTIONAL CHANNEL_BLOCKED    | TEXT CHANNEL_BLOCKED | TEXT CHANNEL_BLOCKED
  is blocked as a client              | TEMPLATE_OPTIONAL CLIENT_BLOCKED     | TEXT CLIENT_BLOCKED  | TEXT CLIENT_BLOCKED
  is known here, but it is disabled   | TEMPLATE_OPTIONAL CHANNEL_DISABLED   | TEXT CHANNEL_DISABLED| TEXT CHANNEL_DISABLED
  is known by nothing                 | TEMPLATE_REQUIRED NO_ADDRESS         | TEXT NO_ADDRESS      | TEXT NO_ADDRESS
  is known by a phone alone           | TEMPLATE_REQUIRED                    | TEXT NO_ADDRESS      | TEXT NO_ADDRESS
  is known by an e-mail address alone | TEMPLATE_REQUIRED NO_ADDRESS         | TEXT                 | TEXT NO_ADDRESS
  has an active thread                | TEMPLATE_OPTIONAL THREAD_ACTIVE      | TEXT                 | TEXT THREAD_ACTIVE
  has one, and is blocked as a client | TEMPLATE_OPTIONAL CLIENT_BLOCKED THREAD_ACTIVE   | TEXT CLIENT_BLOCKED   | TEXT CLIENT_BLOCKED THREAD_ACTIVE
  has one, and it is all disabled     | TEMPLATE_OPTIONAL CHANNEL_DISABLED THREAD_ACTIVE | TEXT CHANNEL_DISABLED | TEXT CHANNEL_DISABLED THREAD_ACTIVE
  would be written to by one OFFLINE  | TEMPLATE_OPTIONAL SENDER_STATUS      | TEXT SENDER_STATUS   | TEXT SENDER_STATUS
  would be written to by nobody yet   | TEMPLATE_OPTIONAL                    | TEXT                 | TEXT
`);

const offered = (type: ChannelType, situation: string) => {
  const { isOccupied, ...given } = situations[situation]!;
  const { compose, refusals } = availabilityOf(onChannel(type, given), isOccupied && { holder: aHolder() });
  return [compose.mode, ...refusals.map(({ code }) => code)].join(' ');
};

describe('what a channel offers', () => {
  it.each(composing)('$type is composed as $offer for one who $situation (R17, R25, A15, A16, A17)', (row) => {
    expect(offered(row.type, row.situation)).toBe(row.offer);
  });

  it.each(reaching)('$type is $offer for one who $situation (R1, R2, R3, R4, R37, A1, A3, A29)', (row) => {
    expect(offered(row.type, row.situation)).toBe(row.offer);
  });

  it('each situation is asked of each channel type (E4)', () => {
    const asked = [...composing, ...reaching].map(({ situation, type }) => `${situation}: ${type}`);

    const all = Object.keys(situations).flatMap((situation) =>
      ChannelType.options.map((type) => `${situation}: ${type}`),
    );

    expect(asked.toSorted()).toEqual(all.toSorted());
  });

  it.each([
    { mode: 'TEXT', given: { templates: [] }, mayType: true },
    { mode: 'TEMPLATE_OPTIONAL', given: {}, mayType: true },
    { mode: 'TEMPLATE_REQUIRED', given: { identity: LONG_AGO }, mayType: false },
    { mode: 'HINT', given: { identity: LONG_AGO, templates: [] }, mayType: false },
  ])('in mode $mode response templates and files are offered: $mayType (R6, R13, R19)', ({ mode, given, mayType }) => {
    const { compose } = availabilityOf(aSituation(given), undefined);

    expect(compose).toMatchObject({ mode, responseTemplatesAllowed: mayType, attachments: { allowed: mayType } });
  });

  it('a channel says what it takes of files and of text, and that it takes no files at all (R6)', () => {
    const attachments = { allowed: false, maxCount: 3, maxBytes: 5_242_880, types: ['image/*', 'application/pdf'] };

    const { compose } = availabilityOf(aMailSituation({ channel: { attachments, maxText: 777 } }), undefined);

    expect(compose).toEqual({ mode: 'TEXT', responseTemplatesAllowed: true, attachments, maxText: 777 });
  });

  it.each([
    { type: 'WHATSAPP', given: { client: { ...PHONE, ...MAIL }, identity: null }, address: '38970123456' },
    { type: 'EMAIL', given: { client: { ...PHONE, ...MAIL }, identity: null }, address: 'mila@client.example' },
    { type: 'TELEGRAM', given: { client: PHONE, identity: { address: '991' } }, address: '991' },
    { type: 'TELEGRAM', given: { client: PHONE, identity: null }, address: undefined },
  ] as const)('$type says that the message would go to $address (A3)', ({ type, given, address }) => {
    expect(availabilityOf(onChannel(type, given), undefined).address).toBe(address);
  });
});

describe('who stands in the way', () => {
  const client = { ...PHONE, ...MAIL };
  const availableTypes = (given: (type: ChannelType) => Given, isOccupied = false) =>
    ChannelType.options.filter((type) => {
      const { refusals } = availabilityOf(onChannel(type, given(type)), isOccupied ? { holder: aHolder() } : undefined);
      return refusals.length === 0;
    });

  it('a client with one phone who is blocked on WhatsApp is reached on every other channel (R37, A4)', () => {
    const available = availableTypes((type) => ({ client, identity: { blocked: type === 'WHATSAPP' } }));

    expect(available).toEqual(['VIBER', 'EMAIL', 'WEB_CHAT', 'MOBILE_APP', 'APPLE_MESSAGES', 'TELEGRAM']);
  });

  it('while a thread is active e-mail alone is left, and once it has closed all are back (R3, A1)', () => {
    expect(availableTypes(() => ({ client }), true)).toEqual(['EMAIL']);
    expect(availableTypes(() => ({ client }))).toEqual(ChannelType.options);
  });

  it('beside an active thread a client who is blocked is offered nothing, not even e-mail (A29)', () => {
    expect(availableTypes(() => ({ client: { ...client, blocked: true } }), true)).toEqual([]);
    expect(availableTypes(() => ({ client, identity: { blocked: true } }), true)).toEqual([]);
  });

  it.each(ThreadState.options.filter((state) => state !== 'CLOSED'))(
    'a thread in state %s is active, and its holder is named whole (A2, E3)',
    (state) => {
      const holder = aHolder({ state, opener: 'CLIENT' });

      expect(availabilityOf(aSituation(), { holder }).refusals).toEqual([{ code: 'THREAD_ACTIVE', holder }]);
      expect(availabilityOf(aMailSituation(), { holder }).refusals).toEqual([]);
    },
  );

  it.each(ChannelType.options)('the status of the agent who asks is named on %s (R1)', (type) => {
    const refusalsFor = (agent: Given['agent']) =>
      availabilityOf(onChannel(type, { agent: agent! }), undefined).refusals;

    const refused = AgentStatus.options.flatMap((status) => refusalsFor({ status }));

    expect(refused).toEqual([
      { code: 'SENDER_STATUS', status: 'INACTIVE' },
      { code: 'SENDER_STATUS', status: 'OFFLINE' },
    ]);
    expect(refusalsFor(null)).toEqual([]);
  });

  it('everything that stands against a channel is listed, the sender first and the thread last (E4)', () => {
    const holder = aHolder();
    const against = (given: Given) =>
      availabilityOf(
        onChannel('TELEGRAM', {
          agent: { status: 'INACTIVE' },
          client: { blocked: true },
          channel: { enabled: false },
          ...given,
        }),
        { holder },
      ).refusals;

    expect(against({ identity: { blocked: true } })).toEqual([
      { code: 'SENDER_STATUS', status: 'INACTIVE' },
      { code: 'CLIENT_BLOCKED' },
      { code: 'CHANNEL_BLOCKED', by: 'US' },
      { code: 'CHANNEL_DISABLED' },
      { code: 'THREAD_ACTIVE', holder },
    ]);
    expect(against({ identity: null }).map(({ code }) => code)).toContain('NO_ADDRESS');
  });
});

describe('until when', () => {
  const closesAt = NOW - HOUR + DAY;
  const rows: {
    policy: TemplatePolicy;
    wrote: string;
    lastInboundAt: number | null;
    until?: number;
    window?: object;
  }[] = [
    {
      policy: 'OUTSIDE_WINDOW',
      wrote: 'an hour ago',
      lastInboundAt: NOW - HOUR,
      until: closesAt,
      window: { open: true, closesAt },
    },
    { policy: 'OUTSIDE_WINDOW', wrote: '24 h ago', lastInboundAt: NOW - DAY, window: { open: false } },
    { policy: 'OUTSIDE_WINDOW', wrote: 'never', lastInboundAt: null, window: { open: false } },
    { policy: 'ALWAYS', wrote: 'an hour ago', lastInboundAt: NOW - HOUR },
    { policy: 'NEVER', wrote: 'an hour ago', lastInboundAt: NOW - HOUR },
  ];

  it.each(rows)('$policy, last message $wrote: until $until, window $window (E4, A15, A17)', (row) => {
    const { policy: templatePolicy, lastInboundAt, until, window } = row;

    const given = availabilityOf(aSituation({ channel: { templatePolicy }, identity: { lastInboundAt } }), undefined);

    expect({ until: given.until, window: given.window }).toEqual({ until, window });
  });

  it('a channel that is not available says all the same when its window ends (E4)', () => {
    expect(availabilityOf(aSituation({ channel: { enabled: false } }), { holder: aHolder() }).until).toBe(closesAt);
  });

  it.each([
    { type: 'WHATSAPP', wrote: NOW - HOUR, threadCloses: undefined, until: NOW + 23 * HOUR },
    { type: 'WHATSAPP', wrote: NOW - HOUR, threadCloses: NOW + 22 * HOUR, until: NOW + 22 * HOUR },
    { type: 'WHATSAPP', wrote: NOW - HOUR, threadCloses: NOW + 24 * HOUR, until: NOW + 23 * HOUR },
    { type: 'WHATSAPP', wrote: NOW - DAY, threadCloses: NOW + 22 * HOUR, until: NOW + 22 * HOUR },
    { type: 'WHATSAPP', wrote: NOW - DAY, threadCloses: undefined, until: undefined },
    { type: 'TELEGRAM', wrote: NOW - HOUR, threadCloses: NOW + 22 * HOUR, until: NOW + 22 * HOUR },
    { type: 'TELEGRAM', wrote: NOW - HOUR, threadCloses: undefined, until: undefined },
    { type: 'EMAIL', wrote: NOW - HOUR, threadCloses: NOW + 22 * HOUR, until: undefined },
  ] as const)(
    '$type, last message $wrote, thread closing by itself at $threadCloses: until $until (E4)',
    ({ type, wrote, threadCloses, until }) => {
      const holding = { holder: aHolder(), ...(threadCloses !== undefined && { closesAt: threadCloses }) };

      expect(availabilityOf(onChannel(type, { identity: { lastInboundAt: wrote } }), holding).until).toBe(until);
    },
  );

  const withTime = fc.tuple(sending, shareOfTime).map(([{ situation, draft }, share]) => {
    const { until } = availabilityOf(situation, undefined);
    return { situation, draft, until, later: laterThan(situation.now, until, share) };
  });

  it('before its `until`, and for ever without one, time alone changes nothing that stands against a draft (E4)', () => {
    const met = new Set<string>();

    fc.assert(
      fc.property(withTime, ({ situation, draft, until, later }) => {
        const refusals = findRefusals(situation, draft);
        met.add(`${refusals.length === 0 ? 'accepted' : 'refused'} ${until === undefined ? 'for ever' : 'until'}`);

        expect(findRefusals({ ...situation, now: later }, draft)).toEqual(refusals);
      }),
      { numRuns: 2000 },
    );

    expect(met).toEqual(new Set(['accepted for ever', 'accepted until', 'refused for ever', 'refused until']));
  });

  const modeAt = (situation: SendSituation, now: number) =>
    availabilityOf({ ...situation, now }, undefined).compose.mode;

  test.prop([withTime], { numRuns: 1000 })(
    'the way to compose stays as it is before its `until`, and for ever without one (A17)',
    ({ situation, later }) => {
      expect(modeAt(situation, later)).toBe(modeAt(situation, situation.now));
    },
  );

  test.prop([withTime.filter(({ until }) => until !== undefined)])(
    'the way to compose changes at the instant of its `until` (A17)',
    ({ situation, until }) => {
      expect(modeAt(situation, until!)).not.toBe(modeAt(situation, situation.now));
    },
  );
});
