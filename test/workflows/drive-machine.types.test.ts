// What must not compile: the compiler finds missing wiring, so that no request of a machine is lost.
import { expectTypeOf, it } from 'vitest';
import { setup } from 'xstate';
import type { Performers } from '../../workflows/drive-machine.js';

const machine = setup({
  types: { events: {} as { type: 'door.opened' } | { type: 'door.stuck'; force: number } },
  actions: { requestOpening: (_, _job: { force: number }) => {}, recordForce: () => {} },
}).createMachine({ on: { 'door.opened': { actions: 'recordForce' } } });

type Wiring = Performers<typeof machine>;
const open = async ({ force }: { force: number }) => ({ type: 'door.stuck' as const, force });

it('a machine needs one performer for each request action, and for nothing else', () => {
  expectTypeOf<keyof Wiring>().toEqualTypeOf<'requestOpening'>();
  const complete: Wiring = { requestOpening: open };

  // @ts-expect-error a request without a performer
  const missing: Wiring = {};
  // @ts-expect-error a misspelt performer
  const misspelt: Wiring = { requestOpenning: open };
  // @ts-expect-error a performer of something that is no request
  const superfluous: Wiring = { requestOpening: open, recordForce: open };

  void [complete, missing, misspelt, superfluous];
});

it('a performer takes what the machine asks with, and answers with an event that the machine knows', () => {
  // @ts-expect-error an event that the machine does not know
  const foreign: Wiring = { requestOpening: async () => ({ type: 'window.opened' as const }) };
  // @ts-expect-error an event without its fields
  const incomplete: Wiring = { requestOpening: async () => ({ type: 'door.stuck' as const }) };
  // @ts-expect-error parameters of another shape
  const deaf: Wiring = { requestOpening: async ({ key }: { key: string }) => ({ type: 'door.opened' as const, key }) };

  void [foreign, incomplete, deaf];
});
