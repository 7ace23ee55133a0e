// How a client is found: by any attribute, whatever its case and punctuation (R7, A34).

/** A34: of what is entered at least so many code points must be left. */
export const SEARCH_MINIMUM = 3;

/** A34: case, `+`, `(`, `)`, `-`, spaces and a leading `@` do not matter, on both sides of the comparison. */
export const searchForm = (entered: string): string =>
  folded(
    folded(entered)
      .replace(/[+()\s-]/g, '')
      .replace(/^@+/, ''),
  );

/** By way of capitals, in which ß is SS; a sigma is one letter wherever it stands. */
const folded = (text: string): string =>
  text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');

interface SearchedClient {
  name?: string | undefined;
  phone?: string | undefined;
  email?: string | undefined;
  externalId?: string | undefined;
  identities: readonly { address: string; username?: string | undefined }[];
}

/** R7, R8: everything by which a client is found, in the form in which it is compared; each once. */
export function searchTerms({ name, phone, email, externalId, identities }: SearchedClient): string[] {
  const known = [name, phone, email, externalId, ...identities.flatMap(({ username, address }) => [username, address])];
  return [...new Set(known.flatMap((term) => (term === undefined ? [] : [searchForm(term)])))].filter(Boolean);
}
