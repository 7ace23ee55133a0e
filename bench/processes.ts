// CPU time from /proc: of the processes that we started, each with its children, and of the whole machine.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const hasProc = existsSync('/proc/self/stat');
const TICK = 10; // ms; USER_HZ is 100 on every Linux

const COMMANDS = {
  Temporal: /server start-dev/,
  worker: /worker\/main\.ts/,
  API: /api\/main\.ts/,
  PostgreSQL: /postgres -D/,
  simulator: /simulator\/main\.ts/,
  'bare worker': /bench\/bare-worker\.ts/,
} as const;
export type Role = keyof typeof COMMANDS | 'driver';
export const ROLES = [...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]), 'driver'] as const;

/** All in ms since the start of the process or machine. */
export interface CpuTimes {
  perRole: Record<Role, number>;
  machine: number;
  at: number;
}

/** Nothing but our own where there is no /proc. */
export function readCpuTimes(): CpuTimes {
  const processes = (hasProc ? readdirSync('/proc') : []).flatMap((entry) =>
    /^\d+$/.test(entry) ? processOf(Number(entry)) : [],
  );
  const ofTree = (pid: number): number =>
    processes.reduce(
      (total, one) => total + (one.pid === pid ? one.used : one.parent === pid ? ofTree(one.pid) : 0),
      0,
    );
  const ours = processes.filter(({ parent }) => parent === process.pid);
  const used = (command: RegExp) => ours.filter(({ line }) => command.test(line)).map(({ pid }) => ofTree(pid));
  const perRole = Object.entries(COMMANDS).map(([role, command]) => [role, used(command).reduce((a, b) => a + b, 0)]);
  const { user, system } = process.cpuUsage();
  return {
    perRole: { ...Object.fromEntries(perRole), driver: (user + system) / 1000 },
    machine: machineBusy(),
    at: performance.now(),
  };
}

/** What was used between two readings; `others` is the share of the machine that was not ours. */
export function cpuBetween(before: CpuTimes, after: CpuTimes): { perRole: Record<Role, number>; others: number } {
  const used = ROLES.map((role) => [role, after.perRole[role] - before.perRole[role]] as const);
  const ours = used.reduce((total, [, ms]) => total + ms, 0);
  const capacity = (after.at - before.at) * cpus().length;
  const others = Math.max(0, (after.machine - before.machine - ours) / capacity);
  return { perRole: Object.fromEntries(used) as Record<Role, number>, others };
}

interface Process {
  pid: number;
  parent: number;
  /** Own time and that of children that have ended. */
  used: number;
  line: string;
}

function processOf(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const used = fields.slice(11, 15).reduce((total, ticks) => total + ticks, 0) * TICK; // utime to cstime
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return [{ pid, parent: fields[1] ?? 0, used, line }];
  } catch {
    return []; // it has just ended
  }
}

function machineBusy(): number {
  if (!hasProc) return 0;
  const [, ...fields] = (readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '').split(/\s+/);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields.map(Number);
  return (user + nice + system + irq + softirq) * TICK;
}
