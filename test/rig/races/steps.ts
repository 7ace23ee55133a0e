// Lets a test act at a step of the service: right before an activity begins its work, or once the work is committed.
import type { Database } from '../../../store/database.js';
import type { WiredWorker } from '../../../worker/activities.js';

type Activities = WiredWorker['activities'];
type Activity = (job: never) => Promise<unknown>;
/** Its promise, if it answers one, is waited for before the work goes on. */
type Act = () => unknown;

/** An activity by its name; `projectThread CLOSED` is the projection with that state. */
export type Step =
  | 'claimThread'
  | 'dispatchPart'
  | 'settleSend'
  | 'projectThread'
  | `projectThread ${'UNASSIGNED' | 'ASSIGNED' | 'CLOSED' | 'message'}`;

interface Job {
  sendId?: string;
  clientId?: string;
  thread?: { clientId: string };
  projection?: { state: string; entryIds: string[] };
}

export interface Steps {
  /** Once, at the first time that this client's work comes by. */
  plan(clientId: string, when: 'before' | 'after', step: Step, act: Act): void;
  adapt(activities: Activities): Activities;
  /** The activities read whose send it is there. */
  useDatabase(database: Database): void;
}

export function createSteps(): Steps {
  const planned = new Map<string, Act>();
  let database: Database | undefined;

  async function clientOf({ sendId, clientId, thread }: Job): Promise<string | undefined> {
    if (clientId !== undefined || thread !== undefined) return clientId ?? thread?.clientId;
    const send = await database
      ?.selectFrom('sends')
      .select('client_id')
      .where('send_id', '=', sendId ?? '')
      .executeTakeFirst();
    return send?.client_id;
  }

  async function actAt(clientId: string | undefined, when: string, step: string): Promise<void> {
    const name = `${clientId} ${when} ${step}`;
    const act = planned.get(name);
    planned.delete(name);
    await act?.();
  }

  const observed =
    (name: string, activity: Activity): Activity =>
    async (job) => {
      if (planned.size === 0) return activity(job);
      const clientId = await clientOf(job);
      const steps = stepsOf(name, job);
      for (const step of steps) await actAt(clientId, 'before', step);
      const answer = await activity(job);
      for (const step of steps) await actAt(clientId, 'after', step);
      return answer;
    };

  return {
    plan: (clientId, when, step, act) => void planned.set(`${clientId} ${when} ${step}`, act),
    useDatabase: (given) => void (database = given),
    adapt: (activities) =>
      Object.fromEntries(
        Object.entries(activities).map(([name, activity]) => [name, observed(name, activity as Activity)]),
      ) as unknown as Activities,
  };
}

function stepsOf(name: string, { projection }: Job): string[] {
  if (projection === undefined) return [name];
  return [name, `${name} ${projection.state}`, ...(projection.entryIds.length > 0 ? [`${name} message`] : [])];
}
