import type { z } from 'zod';

/** What is wrong with a value, one line per problem: `path: what was expected`. */
export const complaints = ({ issues }: z.ZodError): string[] =>
  issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
