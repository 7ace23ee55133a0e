import { fc } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import type { Action, Content } from '../../domain/contracts/outgoing-send.js';
import type { Refusal } from '../../domain/contracts/refusal.js';
import { findRefusals } from '../../domain/eligibility.js';
import type { SendSituation } from '../../domain/situation.js';
import {
  aFile,
  aHint,
  aHolder,
  aMail,
  aMailSituation,
  aSituation,
  aTemplate,
  aTemplateContent,
  aText,
  aVariable,
} from '../builders.js';

it('everything that stands against a send is said at once, the sender first (http-api 10)', () => {
  const situation = aMailSituation({
    agent: { status: 'OFFLINE' },
    client: { blocked: true },
    channel: { enabled: false },
    identity: { address: 'mila@client.example', blocked: true },
  });
  const content = aMail({ subject: '', text: '', bcc: ['nobody'] });

  expect(findRefusals(situation, { content, action: { kind: 'CLOSE' } }).map(({ code }) => code)).toEqual([
    'SENDER_STATUS',
    'CLIENT_BLOCKED',
    'CHANNEL_BLOCKED',
    'CHANNEL_DISABLED',
    'TEXT_REQUIRED',
    'SUBJECT_REQUIRED',
    'BCC_INVALID',
    'ACTION_NOT_ALLOWED',
  ]);
});

type Code = Refusal['code'];
type Has = (code: Code) => boolean;

/** In a kind of send: what can be wrong, each line apart from the others and one code of it at a time. */
interface Kind {
  ills: Code[][];
  given: Parameters<typeof aSituation>[0];
  content: (has: Has) => Content;
}

const SENDER_AND_CLIENT: Code[][] = [
  ['SENDER_STATUS'],
  ['CLIENT_BLOCKED'],
  ['CHANNEL_DISABLED'],
  ['CHANNEL_BLOCKED', 'NO_ADDRESS'],
];
const ACTION_AND_THREAD: Code[][] = [['ACTION_REQUIRED', 'TRANSFER_TARGET', 'COMMENT_TOO_LONG'], ['THREAD_ACTIVE']];
const FILES: Code[][] = [['ATTACHMENT_TYPE'], ['ATTACHMENT_TOO_LARGE'], ['TOO_MANY_ATTACHMENTS']];

const textOf = (has: Has) => (has('TEXT_REQUIRED') ? ' ' : 'a'.repeat(has('TEXT_TOO_LONG') ? 101 : 100));
const lineOf = (has: Has, ill: Code, max: number) => 'a'.repeat(has(ill) ? max + 1 : max);

const kinds: Record<string, Kind> = {
  text: {
    ills: [...SENDER_AND_CLIENT, ...FILES, ...ACTION_AND_THREAD, ['TEXT_REQUIRED', 'TEXT_TOO_LONG']],
    given: { channel: { templatePolicy: 'NEVER' } },
    content: (has) => aText(textOf(has)),
  },
  template: {
    ills: [
      ...SENDER_AND_CLIENT,
      ['ATTACHMENT_NOT_ALLOWED'],
      ...ACTION_AND_THREAD,
      ['VARIABLES_MISSING'],
      ['VARIABLE_INVALID'],
    ],
    given: {
      channel: { templatePolicy: 'ALWAYS' },
      templates: [aTemplate({ variables: [aVariable(), aVariable({ name: '2', kind: 'DATE' })] })],
    },
    content: (has) =>
      aTemplateContent({
        1: has('VARIABLES_MISSING') ? '' : '18:00',
        2: has('VARIABLE_INVALID') ? 'tomorrow' : '2026-11-24',
      }),
  },
  hint: {
    ills: [
      ...SENDER_AND_CLIENT,
      ['ATTACHMENT_NOT_ALLOWED'],
      ...ACTION_AND_THREAD,
      ['TEXT_REQUIRED', 'TEXT_TOO_LONG'],
      ['TITLE_TOO_LONG'],
      ['SIGNATURE_TOO_LONG'],
    ],
    given: { channel: { templatePolicy: 'ALWAYS' }, templates: [] },
    content: (has) =>
      aHint({
        title: lineOf(has, 'TITLE_TOO_LONG', 61),
        text: textOf(has),
        signature: lineOf(has, 'SIGNATURE_TOO_LONG', 61),
      }),
  },
  'e-mail': {
    ills: [
      ...SENDER_AND_CLIENT,
      ...FILES,
      ['ACTION_NOT_ALLOWED'],
      ['TEXT_REQUIRED', 'TEXT_TOO_LONG'],
      ['SUBJECT_REQUIRED', 'SUBJECT_TOO_LONG'],
      ['BCC_INVALID'],
    ],
    given: { channel: { type: 'EMAIL', templatePolicy: 'NEVER' } },
    content: (has) =>
      aMail({
        subject: has('SUBJECT_REQUIRED') ? '' : lineOf(has, 'SUBJECT_TOO_LONG', 255),
        text: textOf(has),
        bcc: has('BCC_INVALID') ? ['b@x.io', 'nobody'] : ['b@x.io'],
      }),
  },
  files: {
    ills: [...SENDER_AND_CLIENT, ...FILES, ...ACTION_AND_THREAD],
    given: { channel: { type: 'TELEGRAM', templatePolicy: 'NEVER' } },
    content: () => ({ kind: 'NONE' }),
  },
};

/** The largest comes last: for e-mail it is the sum that is too large from there on. */
const filesOf = (has: Has) => [
  ...(has('ATTACHMENT_TYPE') ? [aFile({ attachmentId: 'page', type: 'text/html' })] : []),
  aFile(),
  ...(has('ATTACHMENT_TOO_LARGE') ? [aFile({ attachmentId: 'film', size: 1001 })] : []),
];

/** An e-mail wants none; beside an active thread it is sent all the same. */
function actionOf(name: string, has: Has): Action | undefined {
  if (name === 'e-mail') return has('ACTION_NOT_ALLOWED') ? { kind: 'CLOSE' } : undefined;
  if (has('ACTION_REQUIRED')) return undefined;
  const comment = 'a'.repeat(has('COMMENT_TOO_LONG') ? 221 : 220);
  return { kind: 'TRANSFER', target: { kind: 'SKILL', id: 'german' }, comment };
}

function situationOf({ given, ills }: Kind, has: Has): SendSituation {
  const takesFiles = FILES.every((ill) => ills.includes(ill));
  return aSituation({
    agent: { status: has('SENDER_STATUS') ? 'OFFLINE' : 'ACTIVE' },
    client: { blocked: has('CLIENT_BLOCKED') },
    identity: has('NO_ADDRESS') ? null : { blocked: has('CHANNEL_BLOCKED') },
    attachments: takesFiles || has('ATTACHMENT_NOT_ALLOWED') ? filesOf(has) : [],
    isTargetKnown: !has('TRANSFER_TARGET'),
    ...given,
    channel: {
      enabled: !has('CHANNEL_DISABLED'),
      attachments: {
        allowed: true,
        maxCount: has('TOO_MANY_ATTACHMENTS') ? 0 : 3,
        maxBytes: 1000,
        types: ['application/pdf'],
      },
      maxText: 100,
      ...given?.channel,
    },
  });
}

it.each(Object.keys(kinds))(
  'of all that is wrong with a send of kind %s nothing hides anything else (http-api 10)',
  (name) => {
    const kind = kinds[name]!;
    const met = new Set<Code>();
    const someIlls = fc
      .tuple(...kind.ills.map((line) => fc.constantFrom(undefined, ...line)))
      .map((chosen) => chosen.filter((code) => code !== undefined));

    fc.assert(
      fc.property(someIlls, (ills) => {
        const has: Has = (code) => ills.includes(code);
        const draft = { content: kind.content(has), action: actionOf(name, has) };
        const holder = name === 'e-mail' || has('THREAD_ACTIVE') ? aHolder() : undefined;
        ills.forEach((code) => met.add(code));

        const found = findRefusals(situationOf(kind, has), draft, holder);

        expect(found.map(({ code }) => code).toSorted()).toEqual(ills.toSorted());
      }),
      { numRuns: 300 },
    );

    expect(met).toEqual(new Set(kind.ills.flat()));
  },
);
