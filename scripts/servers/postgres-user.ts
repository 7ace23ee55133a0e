import { execFileSync, spawnSync } from 'node:child_process';

/** How a program of PostgreSQL is started: it refuses to run as root. */
export interface Identity {
  uid?: number;
  gid?: number;
  /** What stands before the command. */
  prefix: string[];
}

const USER = 'postgres';

/**
 * Nobody special, unless we are root: then the user `postgres`, made if need be. Where it may not enter one of the
 * folders, as below a home folder closed to others, it gets just that permission with it.
 */
export function postgresIdentity(folders: string[]): Identity {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const user = userIds() ?? makeUser();
  if (folders.every((folder) => mayEnter(folder, user))) return { ...user, prefix: [] };
  const { gid, uid } = user;
  const who = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  return { prefix: ['setpriv', ...who, '--inh-caps=+dac_override', '--ambient-caps=+dac_override'] };
}

interface Ids {
  uid: number;
  gid: number;
}

function userIds(): Ids | undefined {
  try {
    const ask = (what: string) => Number(execFileSync('id', [what, USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}

function makeUser(): Ids {
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', USER]);
  const user = userIds();
  if (user) return user;
  throw new Error(
    `PostgreSQL refuses to run as root, and no user "${USER}" could be made for it: ` +
      'run this as an ordinary user, make that user, or set DATABASE_URL to a server of your own.',
  );
}

const mayEnter = (folder: string, user: Ids): boolean => spawnSync('test', ['-x', folder], user).status === 0;

/** In the root folder, since the user may not be allowed into ours. */
export function commandAs({ prefix, ...ids }: Identity, program: string, programArgs: string[]) {
  const [command = program, ...args] = [...prefix, program, ...programArgs];
  return { command, args, cwd: '/', ...(prefix.length === 0 ? ids : {}) };
}
