import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ports } from './port-plan.js';

/** Where everything answers, as `addresses.json` in the data folder says it. */
export interface Addresses {
  /** URL */
  api: string;
  /** URL */
  simulator: string;
  /** host:port */
  smtp: string;
  /** host:port */
  temporal: string;
  /** URL; null when Temporal is not ours. */
  temporalUi: string | null;
  /** URL with the password. */
  database: string;
}

const HOST = '127.0.0.1';

export interface Servers {
  temporal: string;
  temporalUi: string | null;
  database: string;
}

export const addressesOf = (ports: Ports, servers: Servers): Addresses => ({
  api: `http://${HOST}:${ports.api}`,
  simulator: `http://${HOST}:${ports.simulator}`,
  smtp: `${HOST}:${ports.smtp}`,
  ...servers,
});

const fileIn = (dataDir: string): string => join(dataDir, 'addresses.json');

/** Whole or not at all: scripts wait for this file. */
export async function writeAddresses(dataDir: string, addresses: Addresses): Promise<void> {
  const draft = `${fileIn(dataDir)}.new`;
  await writeFile(draft, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, fileIn(dataDir));
}

/** Of the stack that runs on this folder; `instead` says what else the caller may do. */
export async function readAddresses(dataDir: string, instead: string): Promise<Addresses> {
  const written = await readFile(fileIn(dataDir), 'utf8').catch(() => undefined);
  if (written === undefined) throw new Error(`no stack runs on ${dataDir}: start it with npm start, or ${instead}`);
  return JSON.parse(written) as Addresses;
}

/** @returns whether there were any, as after a run that could not stop in order */
export async function removeAddresses(dataDir: string): Promise<boolean> {
  return rm(fileIn(dataDir)).then(
    () => true,
    () => false,
  );
}
