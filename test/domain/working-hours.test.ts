import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Settings } from '../../domain/contracts/settings.js';
import { untilOpen } from '../../domain/working-hours.js';
import { DAY, HOUR } from '../builders.js';

type WorkingHours = NonNullable<Settings['workingHours']>;
type Interval = WorkingHours['days'][number];

const SKOPJE = 'Europe/Skopje';

/** `1-5 09:00-18:00, 6 10:00-13:00`; days are 1 (Monday) to 7. */
function hoursOf(plan: string, timeZone = SKOPJE): WorkingHours {
  const days = plan.split(', ').flatMap((line): Interval[] => {
    const [, first = '', last = first, from = '', to = ''] = /^(\d)(?:-(\d))? (\S{5})-(\S{5})$/.exec(line) ?? [];
    return [1, 2, 3, 4, 5, 6, 7]
      .filter((day) => Number(first) <= day && day <= Number(last))
      .map((day) => ({ day, from, to }));
  });
  return Settings.shape.workingHours.parse({ timeZone, days })!;
}

/** The opening that a thread waits for. */
const opensAt = (hours: WorkingHours, now: string): string => {
  const at = Date.parse(now);
  return new Date(at + untilOpen(hours, at)).toISOString().replace('.000Z', 'Z');
};

it('a chat center without working hours never closes', () => {
  expect(untilOpen(null, Date.parse('2026-11-22T03:00:00Z'))).toBe(0);
});

describe('a client who writes outside the working hours waits until they begin (SUSPENDED)', () => {
  const OFFICE = '1-5 09:00-18:00';
  const TWO_SHIFTS = '1-5 09:00-12:00, 1-5 13:00-18:00, 6 10:00-13:00';

  // 2026-11-23 is a Monday; Skopje is one hour ahead of UTC in winter, two in summer.
  it.each([
    { plan: OFFICE, zone: SKOPJE, when: 'a minute early', now: '2026-11-23T07:59:00Z', opens: '2026-11-23T08:00:00Z' },
    { plan: OFFICE, zone: SKOPJE, when: 'a ms early', now: '2026-11-23T07:59:59.999Z', opens: '2026-11-23T08:00:00Z' },
    { plan: OFFICE, zone: SKOPJE, when: 'at the opening', now: '2026-11-23T08:00:00Z', opens: '2026-11-23T08:00:00Z' },
    { plan: OFFICE, zone: SKOPJE, when: 'at noon', now: '2026-11-23T11:00:00Z', opens: '2026-11-23T11:00:00Z' },
    {
      plan: OFFICE,
      zone: SKOPJE,
      when: 'before the closing',
      now: '2026-11-23T16:59:59Z',
      opens: '2026-11-23T16:59:59Z',
    },
    { plan: OFFICE, zone: SKOPJE, when: 'at the closing', now: '2026-11-23T17:00:00Z', opens: '2026-11-24T08:00:00Z' },
    { plan: OFFICE, zone: SKOPJE, when: 'before dawn', now: '2026-11-23T23:30:00Z', opens: '2026-11-24T08:00:00Z' },
    {
      plan: OFFICE,
      zone: SKOPJE,
      when: 'on Friday evening',
      now: '2026-11-27T17:00:00Z',
      opens: '2026-11-30T08:00:00Z',
    },
    { plan: OFFICE, zone: SKOPJE, when: 'on Sunday', now: '2026-11-29T11:00:00Z', opens: '2026-11-30T08:00:00Z' },
    { plan: TWO_SHIFTS, zone: SKOPJE, when: 'at lunch', now: '2026-11-23T11:30:00Z', opens: '2026-11-23T12:00:00Z' },
    {
      plan: TWO_SHIFTS,
      zone: SKOPJE,
      when: 'on Friday night',
      now: '2026-11-27T20:00:00Z',
      opens: '2026-11-28T09:00:00Z',
    },
    { plan: TWO_SHIFTS, zone: SKOPJE, when: 'on Saturday', now: '2026-11-28T12:00:00Z', opens: '2026-11-30T08:00:00Z' },
    {
      plan: '3 09:00-10:00',
      zone: SKOPJE,
      when: 'a week early',
      now: '2026-11-25T09:00:00Z',
      opens: '2026-12-02T08:00:00Z',
    },
    {
      plan: '7 00:00-23:59',
      zone: SKOPJE,
      when: 'on Saturday',
      now: '2026-11-28T22:59:00Z',
      opens: '2026-11-28T23:00:00Z',
    },
    {
      plan: OFFICE,
      zone: 'Asia/Tokyo',
      when: 'on Sunday there',
      now: '2026-11-22T14:59:00Z',
      opens: '2026-11-23T00:00:00Z',
    },
    {
      plan: OFFICE,
      zone: 'Asia/Tokyo',
      when: 'on Monday there',
      now: '2026-11-23T00:00:00Z',
      opens: '2026-11-23T00:00:00Z',
    },
    {
      plan: OFFICE,
      zone: 'America/New_York',
      when: 'on Sunday there',
      now: '2026-11-23T03:00:00Z',
      opens: '2026-11-23T14:00:00Z',
    },
    { plan: OFFICE, zone: 'Asia/Kathmandu', when: 'early', now: '2026-11-23T01:00:00Z', opens: '2026-11-23T03:15:00Z' },
  ])('$plan in $zone, $when ($now): until $opens', ({ plan, zone, now, opens }) => {
    expect(opensAt(hoursOf(plan, zone), now)).toBe(opens);
  });
});

describe('when the clocks of Skopje change', () => {
  const DAILY = '1-7 09:00-18:00';

  // On 2026-03-29 at 02:00 it is 03:00, on 2026-10-25 at 03:00 it is 02:00; both at 01:00Z.
  it.each([
    { plan: DAILY, now: '2026-03-28T17:00:00Z', opens: '2026-03-29T07:00:00Z', hours: 14 },
    { plan: DAILY, now: '2026-03-29T16:00:00Z', opens: '2026-03-30T07:00:00Z', hours: 15 },
    { plan: DAILY, now: '2026-10-24T16:00:00Z', opens: '2026-10-25T08:00:00Z', hours: 16 },
    { plan: DAILY, now: '2026-10-25T17:00:00Z', opens: '2026-10-26T08:00:00Z', hours: 15 },
    { plan: '1-5 09:00-18:00', now: '2026-03-27T17:00:00Z', opens: '2026-03-30T07:00:00Z', hours: 62 },
    { plan: '1-5 09:00-18:00', now: '2026-10-23T16:00:00Z', opens: '2026-10-26T08:00:00Z', hours: 64 },
    { plan: '7 03:00-04:00', now: '2026-03-29T00:59:00Z', opens: '2026-03-29T01:00:00Z', hours: 1 / 60 },
  ])('$plan: from $now it is $hours h until $opens', ({ plan, now, opens, hours }) => {
    expect(opensAt(hoursOf(plan), now)).toBe(opens);
    expect(untilOpen(hoursOf(plan), Date.parse(now))).toBe(hours * HOUR);
  });

  it('an hour that comes twice is worked twice, one that never comes is not', () => {
    const nights = hoursOf('7 02:00-03:00');

    expect(untilOpen(nights, Date.parse('2026-10-25T00:30:00Z'))).toBe(0);
    expect(untilOpen(nights, Date.parse('2026-10-25T01:30:00Z'))).toBe(0);
    expect(untilOpen(nights, Date.parse('2026-03-29T00:59:59Z'))).toBeGreaterThan(0);
    expect(untilOpen(nights, Date.parse('2026-03-29T01:00:00Z'))).toBeGreaterThan(0);
  });

  it.each([
    { plan: '7 02:00-03:30', now: '2026-03-29T00:00:00Z', opens: '2026-03-29T01:00:00Z' },
    { plan: '7 02:30-04:00', now: '2026-03-29T00:00:00Z', opens: '2026-03-29T01:00:00Z' },
    { plan: '7 02:30-03:15', now: '2026-03-29T00:00:00Z', opens: '2026-03-29T01:00:00Z' },
    { plan: '7 02:00-03:00', now: '2026-03-28T10:00:00Z', opens: '2026-04-05T00:00:00Z' },
    { plan: '7 01:30-02:30', now: '2026-10-25T00:40:00Z', opens: '2026-10-25T01:00:00Z' },
  ])('$plan, which begins or ends in the change: from $now it is open again at $opens', ({ plan, now, opens }) => {
    expect(opensAt(hoursOf(plan), now)).toBe(opens);
  });
});

describe('whatever the working hours', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  // What lies whole in the hour that never comes is a row above.
  const interval = fc
    .record({ day: fc.integer({ min: 1, max: 7 }), from: time, to: time })
    .filter(({ from, to }) => from < to && !('02:00' <= from && to <= '03:00'));
  const workingHours = fc.record({
    timeZone: fc.constantFrom(SKOPJE, 'Asia/Tokyo', 'Asia/Kathmandu'),
    days: fc.array(interval, { minLength: 1, maxLength: 6 }),
  });
  const CHANGES = ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'].map((change) => Date.parse(change));
  const instant = fc.oneof(
    fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) }),
    fc.tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -8 * DAY, max: DAY })).map(([change, ms]) => change + ms),
  );

  /** By the words of the clock on the wall, as a person would say it. */
  function isOpen({ timeZone, days }: WorkingHours, at: number): boolean {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(at);
    const part = (wanted: string) => parts.find(({ type }) => type === wanted)?.value ?? '';
    const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1;
    const now = `${part('hour')}:${part('minute')}`;
    return days.some((one) => one.day === day && one.from <= now && now < one.to);
  }

  it('nobody waits exactly while the chat center works', () => {
    const met = new Set<boolean>();

    fc.assert(
      fc.property(workingHours, instant, (hours, now) => {
        const open = isOpen(hours, now);
        met.add(open);

        expect(untilOpen(hours, now) === 0).toBe(open);
      }),
      { numRuns: 400 },
    );

    expect(met).toEqual(new Set([true, false]));
  });

  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  test.prop([workingHours, instant, share], { numRuns: 400 })(
    'who has waited so long, at most a week and an hour, finds the chat center open for the first time',
    (hours, now, part) => {
      const wait = untilOpen(hours, now);

      expect(wait).toBeLessThanOrEqual(7 * DAY + HOUR);
      expect(isOpen(hours, now + wait)).toBe(true);
      expect(wait > 0 && isOpen(hours, now + Math.floor(wait * part))).toBe(false);
    },
  );
});
