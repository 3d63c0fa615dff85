/** The document of every route that is registered, as OpenAPI 3.1 has it. Pure. */
import type { z } from 'zod'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { type Family, noteKey, type RegisteredRoute, type RouteNote, type RouteNotes } from './notes/route-note.ts'

export interface OpenApiInit {
  readonly version: string
  readonly routes: readonly RegisteredRoute[]
  readonly notes: RouteNotes
}

const FAMILIES: Readonly<Record<Family, { readonly name: string; readonly text: string }>> = {
  openai: { name: 'OpenAI', text: 'The API of OpenAI, for all models of the mesh.' },
  anthropic: { name: 'Anthropic', text: "The API of Anthropic's messages." },
  ollama: { name: 'Ollama', text: 'The API of Ollama.' },
  rentahal: { name: 'RENT-A-HAL', text: 'The API of RENT-A-HAL, of its host and of its workers.' },
  mcp: { name: 'MCP', text: 'The Model Context Protocol, for agents.' },
  federation: { name: 'Federation', text: 'For HTTP hosts of other federations, in the words of RENT-A-HAL.' },
  realmesh: { name: 'realmesh', text: "The node's own state, and what its operator may do." },
}

/** The document, without `servers`. Routes without a note are left out: a test sees to it that there are none. */
export function openApiDocument({ version, routes, notes }: OpenApiInit): JsonSchema {
  const paths: Record<string, JsonSchema> = {}
  for (const route of routes) {
    const note = notes[noteKey(route)]
    if (note === undefined) continue
    const path = documentPath(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, note) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'realmesh',
      version,
      summary: 'Home GPU rigs that answer for each other',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.values(FAMILIES).map(({ name, text }) => ({ name, description: text })),
    paths,
    components: { schemas: ERRORS, parameters: ASKING_HEADERS, securitySchemes: SCHEMES, headers: LIMIT_HEADER },
  }
}

/** `/v1/responses/{id}` for `/v1/responses/:id`; what a star stands for has slashes too. */
function documentPath(path: string): string {
  const named = path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{name}')
  return named.length > 1 ? named.replace(/\/$/, '') : named
}

function operation(route: RegisteredRoute, note: RouteNote): JsonSchema {
  const { family, summary, access, body, form, asks } = note
  const parameters = [
    ...[...documentPath(route.path).matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(name ?? '')),
    ...(note.query === undefined ? [] : queryParameters(note.query)),
    ...(asks === true ? Object.keys(ASKING_HEADERS).map((name) => ({ $ref: `#/components/parameters/${name}` })) : []),
  ]
  return {
    tags: [FAMILIES[family].name],
    summary,
    operationId: operationId(route),
    security: SECURITY[access],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBody(body, form === true) }),
    responses: responses(note),
  }
}

function operationId({ method, path }: RegisteredRoute): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return [method.toLowerCase(), ...words, ...(path.endsWith('*') ? ['name'] : [])].join('_')
}

function pathParameter(name: string): JsonSchema {
  return { name, in: 'path', required: true, schema: { type: 'string' } }
}

function queryParameters(query: z.ZodType): readonly JsonSchema[] {
  const { properties = {}, required = [] } = toJsonSchema(query, 'input') as {
    properties?: Record<string, JsonSchema>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', schema },
    ...(required.includes(name) && { required: true }),
  }))
}

function requestBody(body: z.ZodType, form: boolean): JsonSchema {
  const type = form ? 'multipart/form-data' : 'application/json'
  return { required: true, content: { [type]: { schema: toJsonSchema(body, 'input') } } }
}

function responses({ family, access, answer, answerType, stream, refuses }: RouteNote): JsonSchema {
  const error = { $ref: `#/components/schemas/${ERROR_OF[family]}` }
  const failed = (description: string, headers?: JsonSchema): JsonSchema => ({
    description,
    ...(headers !== undefined && { headers }),
    content: { 'application/json': { schema: error } },
  })
  const others = {
    ...(access !== 'open' && { 401: failed('The key or token is missing, wrong or expired.') }),
    403: failed('A foreign host or page, or more than the key is for.'),
    ...(access !== 'open' && { 429: failed('Over a limit, or no room.', { 'retry-after': { $ref: RETRY_AFTER } }) }),
    default: failed('What went wrong, and what to do about it.'),
  }
  if (refuses !== undefined) return { [refuses]: failed('Refused, whatever is sent.'), ...others }
  const whole = answerType ?? 'application/json'
  const content = {
    [whole]: { schema: answer === undefined ? anything(answerType) : toJsonSchema(answer, 'output') },
    ...(stream !== undefined && { [stream]: { schema: { type: 'string' } } }),
  }
  return { 200: { description: 'The answer.', content }, ...others }
}

function anything(type: string | undefined): JsonSchema {
  return type === undefined ? {} : { type: 'string' }
}

const SECURITY: Readonly<Record<RouteNote['access'], readonly JsonSchema[]>> = {
  open: [],
  // The empty one: where there are no keys, programs on the node's machine need none.
  user: [{ bearer: [] }, { apiKey: [] }, {}],
  host: [{ hostToken: [] }, { hostPassword: [] }],
  'host-or-user': [{ hostToken: [] }, { hostPassword: [] }, { bearer: [] }, { apiKey: [] }, {}],
  admin: [{ adminToken: [] }],
}

const SCHEMES: JsonSchema = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key that `realmesh keys add` made.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same key.' },
  hostToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token that both hosts share: `token_file` of `federation_hosts`.',
  },
  hostPassword: { type: 'http', scheme: 'basic', description: 'The same token as the password of any user.' },
  adminToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'What stands in `admin.token` of the home; from this machine only.',
  },
}

const ERROR_OF: Readonly<Record<Family, string>> = {
  openai: 'OpenAiError',
  anthropic: 'AnthropicError',
  ollama: 'OllamaError',
  rentahal: 'RentAHalError',
  mcp: 'McpError',
  federation: 'OllamaError',
  realmesh: 'OllamaError',
}

const TEXT = { type: 'string' }

const ERRORS: JsonSchema = {
  OpenAiError: object({
    error: object({ message: TEXT, type: TEXT, code: TEXT, param: { type: ['string', 'null'] } }, ['message', 'type']),
  }),
  AnthropicError: object({
    type: { const: 'error' },
    error: object({ type: TEXT, message: TEXT }, ['type', 'message']),
  }),
  RentAHalError: object(
    { detail: { type: ['string', 'array'], items: { type: 'object' } }, code: TEXT, message: TEXT, fix: TEXT },
    ['detail'],
  ),
  McpError: object({
    jsonrpc: { const: '2.0' },
    error: object({ code: { type: 'integer' }, message: TEXT }),
    id: { type: ['string', 'integer', 'null'] },
  }),
  OllamaError: object({ error: TEXT, code: TEXT, fix: TEXT, param: TEXT, type: TEXT }, ['error']),
}

function object(properties: JsonSchema, required: readonly string[] = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, required }
}

const RETRY_AFTER = '#/components/headers/RetryAfter'

const LIMIT_HEADER: JsonSchema = {
  RetryAfter: { description: 'Seconds until it may be asked again.', schema: { type: 'integer', minimum: 1 } },
}

const header = (name: string, description: string, schema: JsonSchema): JsonSchema => ({
  ...{ name, in: 'header', required: false, description, schema },
})

const ASKING_HEADERS: Record<string, JsonSchema> = {
  Scope: header('x-realmesh-scope', 'Where this query may go.', {
    enum: ['local', 'home', 'friends', 'public'],
  }),
  QueryId: header('x-realmesh-query-id', 'The same id again joins the same answer.', {
    ...{ type: 'string', pattern: '^[A-Za-z0-9_.:-]{1,128}$' },
  }),
  Continuation: header('x-realmesh-continuation', 'Whether a broken answer goes on elsewhere.', {
    enum: ['on', 'off'],
  }),
  Receipt: header('x-realmesh-receipt', 'Whether the answer carries its receipt.', { enum: ['0', '1'] }),
  Events: header('x-realmesh-events', 'Events of the wait, in a stream that begins at once.', { enum: ['queue'] }),
  Trace: header('traceparent', 'W3C trace context: goes to the engine that answers.', TEXT),
}
