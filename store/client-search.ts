// The column by which clients are searched: all terms in one text, each between marks and line breaks, so that one
// trigram index serves every attribute and a match never reaches from one into the next.

/** A letter that no living script uses: only of letters does the index know that a term begins or ends there. */
const MARK = 'ƻ';

const bare = (form: string): string => form.replaceAll(MARK, '');

export const searchColumn = (terms: readonly string[]): string =>
  terms.map((term) => `\n${MARK}${bare(term)}${MARK}\n`).join('');

/** From the best match to the weakest (http-api 10): the whole term, its beginning, anywhere inside. */
export function patternsOf(form: string): [exact: string, prefix: string, inside: string] {
  const term = bare(form).replace(/[\\%_]/g, '\\$&');
  return [`%${MARK}${term}${MARK}%`, `%${MARK}${term}%`, `%${term}%`];
}
