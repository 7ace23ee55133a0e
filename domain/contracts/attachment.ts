// Attachments: files that go with a message. The bytes are stored once by their hash and never enter Temporal.
import { z } from 'zod';
import { Id } from './identifier.js';

export const Attachment = z.object({
  attachmentId: Id,
  /** The last segment of what was given, cleaned; 1 to 255 code points. */
  name: z.string(),
  /** MIME type of the bytes, whatever the name claims (R6). */
  type: z.string(),
  /** In bytes, at least 1. */
  size: z.int(),
  /** Hexadecimal. */
  sha256: z.string(),
});
export type Attachment = z.infer<typeof Attachment>;
