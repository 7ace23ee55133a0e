import type { Addresses } from './addresses.js';
import type { Ports } from './port-plan.js';

export interface Surroundings {
  ports: Ports;
  addresses: Addresses;
  payloadKeys: string;
}

/** What the processes of ours are told. The person's own settings reach them too, unless they speak of another server. */
export function environmentFor({ addresses, payloadKeys, ports }: Surroundings): NodeJS.ProcessEnv {
  return {
    ...(process.env['TEMPORAL_ADDRESS'] ? process.env : withoutTemporal(process.env)),
    DATABASE_URL: addresses.database,
    TEMPORAL_ADDRESS: addresses.temporal,
    PORT: `${ports.api}`,
    HOST: process.env['HOST'] ?? '127.0.0.1',
    PUBLIC_URL: process.env['PUBLIC_URL'] ?? addresses.api,
    PAYLOAD_KEYS: payloadKeys,
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    SIMULATOR_PORT: `${ports.simulator}`,
    SIMULATOR_SMTP_PORT: `${ports.smtp}`,
    SIMULATOR_URL: addresses.simulator,
  };
}

/** Keys, namespaces and profiles of a Temporal elsewhere would only keep us from our own. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(ours), TEMPORAL_CONFIG_FILE: '/never-there/temporal.toml' };
}
