// Delivery: what is known of a message after we have let go of it (E6, E7).
import { z } from 'zod';
import { Failure } from './failure.js';
import { Id, Instant } from './identifier.js';

/** QUEUED until the provider's word; UNKNOWN while it is not known whether it left; UNCONFIRMED once we stopped asking. */
export const DeliveryStatus = z.enum(['QUEUED', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'UNKNOWN', 'UNCONFIRMED']);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

const DeliveryPart = z.object({
  /** From 0; the text is part 0 (A33). */
  index: z.int(),
  kind: z.enum(['TEXT', 'ATTACHMENT']),
  attachmentId: Id.optional(),
  status: DeliveryStatus,
  failure: Failure.optional(),
});

export const Delivery = z.object({
  status: DeliveryStatus,
  at: Instant,
  failure: Failure.optional(),
  parts: z.array(DeliveryPart),
});
export type Delivery = z.infer<typeof Delivery>;
