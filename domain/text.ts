/** PostgreSQL keeps neither NUL nor half a surrogate pair (F64). */
export const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');

/** Limits on text count Unicode code points (A8), not UTF-16 units. */
export const codePoints = (text: string): number => Array.from(text).length;

export const isBlank = (text: string | undefined): boolean => text === undefined || text.trim() === '';
