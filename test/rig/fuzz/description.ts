// The API as it describes itself, as far as requests are made from it and answers are judged by it.

/** The part of JSON Schema that the contracts of this API use. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
}

type Content = Record<string, { schema?: Schema }>;

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required?: boolean;
  schema: Schema;
}

export interface Operation {
  /** As in the access table: `put /v1/agents/{agentId}`. */
  key: string;
  method: string;
  path: string;
  parameters: Parameter[];
  body?: Content;
  responses: Record<string, { content?: Content }>;
}

export interface Description {
  operations: ReadonlyMap<string, Operation>;
  /** What a `$ref` of `#/$defs/...` names. */
  defs: Readonly<Record<string, Schema>>;
}

interface OpenApi {
  paths: Record<string, Record<string, { parameters?: Parameter[]; requestBody?: { content: Content } } & Responses>>;
  components?: { schemas?: Record<string, Schema> };
}
type Responses = Pick<Operation, 'responses'>;

export async function readDescription(api: string): Promise<Description> {
  const response = await fetch(`${api}/openapi.json`);
  const text = (await response.text()).replaceAll('"#/components/schemas/', '"#/$defs/');
  const { paths, components } = JSON.parse(text) as OpenApi;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { parameters = [], requestBody, responses }]): Operation => ({
        key: `${method} ${path}`,
        method,
        path,
        parameters,
        responses,
        ...(requestBody && { body: requestBody.content }),
      }),
    ),
  );
  return { operations: new Map(operations.map((one) => [one.key, one])), defs: components?.schemas ?? {} };
}
