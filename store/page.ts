// Lists are paged by key, never by offset; the cursor is the key of the last item.

export interface PageRequest {
  /** 1 to 100. */
  limit: number;
  after?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** Where to go on; null at the end. */
  next: string | null;
}

/** @param rows one more than the limit when there is a next page */
export function pageOf<R, T>(rows: R[], limit: number, keyOf: (row: R) => string, itemOf: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(itemOf), next: last === undefined ? null : keyOf(last) };
}
