// When the chat center works. A client who writes outside these hours finds a thread that waits for them (SUSPENDED).
import type { Settings } from './contracts/settings.js';

type WorkingHours = NonNullable<Settings['workingHours']>;

const MINUTE = 60_000; // ms
const DAY = 24 * 60 * MINUTE;

const HOUR = 60 * MINUTE;
const AHEAD = 15; // days: an hour of the week that the clock skips comes a week later

/**
 * @param now in ms since the epoch
 * @returns the ms until the chat center opens; 0 while it is open, or without working hours
 */
export function untilOpen(hours: Settings['workingHours'], now: number): number {
  if (hours === null || isOpen(hours, now)) return 0;
  const openings = instantsOfChange(hours, now).filter((at) => at > now && isOpen(hours, at));
  if (openings.length === 0) throw new Error('working hours without any hour');
  return Math.min(...openings) - now;
}

function isOpen({ timeZone, days }: WorkingHours, at: number): boolean {
  const { day, time } = localTime(timeZone, at);
  return days.some((one) => one.day === day && one.from <= time && time < one.to);
}

/** When it may open: as often as the clock on the wall shows a beginning, and where that clock is changed. */
function instantsOfChange({ timeZone, days }: WorkingHours, now: number): number[] {
  const samples = Array.from({ length: 2 * AHEAD + 1 }, (_, index) => now + index * 12 * HOUR);
  const offsetAt = (at: number) => wallOf(timeZone, at) - at;
  const offsets = [...new Set(samples.map(offsetAt))];
  const changes = samples.flatMap((at, index) => {
    const next = samples[index + 1];
    return next === undefined || offsetAt(at) === offsetAt(next) ? [] : [changeBetween(at, next, offsetAt)];
  });
  const today = Date.parse(`${localTime(timeZone, now).date}T00:00:00Z`);
  const walls = Array.from({ length: AHEAD }, (_, ahead) => today + ahead * DAY).flatMap((date) =>
    days.map(({ from }) => date + Number(from.slice(0, 2)) * HOUR + Number(from.slice(3)) * MINUTE),
  );
  return [...changes, ...walls.flatMap((wall) => offsets.map((offset) => wall - offset))];
}

/** To the second in which the offset of `to` begins. */
function changeBetween(from: number, to: number, offsetAt: (at: number) => number): number {
  let [before, after] = [Math.floor(from / 1000), Math.ceil(to / 1000)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * 1000) === offsetAt(to)) after = middle;
    else before = middle;
  }
  return after * 1000;
}

/** `day` is 1 (Monday) to 7, `time` HH:MM, `date` YYYY-MM-DD. */
function localTime(timeZone: string, at: number): { day: number; time: string; date: string } {
  const wall = new Date(wallOf(timeZone, at));
  const [date = '', time = ''] = wall.toISOString().split('T');
  return { day: ((wall.getUTCDay() + 6) % 7) + 1, time: time.slice(0, 5), date };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Costs as much to make as a hundred looks at it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  clocks.set(timeZone, clock);
  return clock;
}

function wallOf(timeZone: string, at: number): number {
  const parts = clockOf(timeZone).formatToParts(at);
  const [year, month, day, hour, minute, second] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map(
    (type) => Number(parts.find((part) => part.type === type)?.value),
  );
  return Date.UTC(year!, month! - 1, day, hour, minute, second, ((at % 1000) + 1000) % 1000);
}
