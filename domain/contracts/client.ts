// Clients: the person outside, their contact data, and one identity per address on a channel.
import { z } from 'zod';
import { ChannelType } from './channel.js';
import { AnyInstant, Id, Label, oneLine } from './identifier.js';
import { ActiveThread } from './thread.js';

/** Where an identity comes from: the client wrote, logged in (R8), or an agent or system entered it. */
export const IdentityOrigin = z.enum(['MESSAGE', 'LOGIN', 'AGENT']);
export type IdentityOrigin = z.infer<typeof IdentityOrigin>;

export const Identity = z.strictObject({
  channelId: Id,
  address: oneLine(254).min(1),
  username: Label.optional(),
  /** A block of this address on this channel alone (A4, R37). */
  blocked: z.boolean(),
  /** When the client last wrote from here; opens the window of A17. */
  lastInboundAt: AnyInstant.optional(),
  origin: IdentityOrigin,
});
export type Identity = z.infer<typeof Identity>;

/** The body of `PUT /v1/clients/{clientId}`. Phone by A10 (answered as digits), e-mail by R29 and A11. */
export const ClientBody = z.strictObject({
  name: Label.optional(),
  externalId: Label.optional(),
  phone: z.string().max(64).optional(),
  email: z.string().max(254).optional(),
  /** A block of the client removes every channel, e-mail too (A4, A29). */
  blocked: z.boolean(),
  identities: z
    .array(Identity)
    .max(50)
    .refine(
      (identities) =>
        new Set(identities.map(({ channelId, address }) => `${channelId} ${address}`)).size === identities.length,
      'must not name an address of a channel twice',
    ),
});
export type ClientBody = z.infer<typeof ClientBody>;

/** Whoever logs in or writes under ever new addresses may have more of them than a `PUT` takes. */
export const Client = ClientBody.extend({ clientId: Id, identities: z.array(Identity) });
export type Client = z.infer<typeof Client>;

/** A phone by A10 or a mail address by R29 and A11; what breaks the grammar is `CONTACT_INVALID`. */
export const Contact = z.strictObject({ type: z.enum(['PHONE', 'EMAIL']), value: oneLine(1000) });
export type Contact = z.infer<typeof Contact>;

/** The body of `POST /v1/clients`. */
export const NewClientBody = z.strictObject({ contact: Contact });

/** A client as search shows it (R7). */
export const FoundClient = z.object({
  clientId: Id,
  name: z.string().optional(),
  phone: z.string().optional(),
  email: z.string().optional(),
  externalId: z.string().optional(),
  /** Of the client's identities, each type once. */
  channelTypes: z.array(ChannelType),
  activeThread: ActiveThread.nullable(),
  blocked: z.boolean(),
});
export type FoundClient = z.infer<typeof FoundClient>;
