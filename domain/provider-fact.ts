// What a provider or a backend system tells us of its clients and messages, freed of its wire format. Stored in the inbox:
// add fields, never rename.
import type { Failure } from './contracts/failure.js';
import type { FactKind } from './receipt.js';

/** A receipt names its message by our reference, by the provider's id, or by the send that travelled along. */
export interface ReceiptFact {
  kind: 'RECEIPT';
  reference?: string;
  providerMessageId?: string;
  origin?: { sendId: string; part: number };
  status: FactKind;
  failure?: Failure;
  /** The provider's own time, RFC 3339; kept beside ours. */
  providerAt?: string;
}

/** A file that lies with the provider until we fetch it. */
export interface ProviderFile {
  url: string;
  /** Cleaned. */
  name: string;
  /** As the provider says, in bytes. */
  size?: number;
}

export interface MessageFact {
  kind: 'MESSAGE';
  address: string;
  /** By which a backend system knows the client (R8). */
  externalId?: string;
  name?: string;
  username?: string;
  text?: string;
  /** Files that are ours already. */
  attachmentIds?: string[];
  /** At most 10. */
  files?: ProviderFile[];
  providerAt?: string;
}

/** The client has ended the chat. */
export interface ClientClosedFact {
  kind: 'CLIENT_CLOSED';
  address: string;
  externalId?: string;
  providerAt?: string;
}

/** The provider's list is the truth: the news says only that it has changed, so that it is asked anew. */
interface TemplatesChangedFact {
  kind: 'TEMPLATES_CHANGED';
}

/** Authentic, but of a shape or status that we do not know: kept and counted. */
interface UnreadableFact {
  kind: 'UNREADABLE';
  reason: string;
  raw: string;
}

export type ProviderFact = ReceiptFact | MessageFact | ClientClosedFact | TemplatesChangedFact | UnreadableFact;

/** A fact with what tells it apart from every other fact of its channel, and the key whose facts keep their order. */
export interface IdentifiedFact {
  identity: string;
  orderKey: string;
  fact: ProviderFact;
}
