/**
 * Turns what a program asked into a query of this node: type, realm, model name, scope and size, each checked before
 * anything runs.
 */
import { randomUUID } from 'node:crypto'
import type { RealmConfig } from '../../config/schema/realm-schema.ts'
import { defined } from '../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH, unalias } from '../../core/model/model-name.ts'
import { chatLength, contentBytes } from '../../core/query/chat-text.ts'
import { QUERY_ID, type Query, type QueryType } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { narrowerScope, type Scope } from '../../core/scope.ts'
import type { QueryRequest } from '../api/node-api.ts'
import type { Realm } from '../realm/realm.ts'
import { withinTokens } from '../realm/realm-limits.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { assertPermitted } from './permission.ts'
import { queryScope } from './scope-gate.ts'

/** How often a query that begins here may be handed on: once, to the node that serves it. */
const HOPS = 1

export interface QueryIntakeComponents {
  readonly realms: Pick<RealmRegistry, 'forType'>
  /** The node's own scope: for queries that name none. */
  readonly scope: () => Scope
  /** Whether the owner said yes to public queries. */
  readonly consented: () => boolean
}

/** A query and the realm where it begins. */
export interface TakenIn {
  readonly query: Query
  readonly realm: Realm
}

/** Throws `BAD_REQUEST`, `REALM_NOT_FOUND`, `FORBIDDEN`, `PROMPT_TOO_LARGE`, `SCOPE_REFUSED` or `CONSENT_NEEDED`. */
export function takeIn(request: QueryRequest, components: QueryIntakeComponents): TakenIn {
  const type = queryType(request)
  const realm = components.realms.forType(type)
  const { config } = realm
  if (request.id !== undefined && !QUERY_ID.test(request.id)) {
    throw new RealmeshError('BAD_REQUEST', 'a query id is 1 to 128 letters, digits or one of _ . : -')
  }
  if (request.model.length > MAX_MODEL_NAME_LENGTH) {
    throw new RealmeshError('BAD_REQUEST', `a model name has at most ${MAX_MODEL_NAME_LENGTH} characters`)
  }
  const model = unalias(config.models.aliases, request.model) ?? request.model
  if (request.permitted !== undefined) assertPermitted(request.permitted, model, config.name)
  checkSize(request, config)
  const query = {
    id: request.id ?? randomUUID(),
    type,
    realm: config.name,
    model,
    scope: queryScope(request.scope, narrowest(config.scope, request.scopeLimit), components),
    hopsLeft: HOPS,
    user: request.user,
    ...defined({ priority: request.priority, trace: request.trace }),
    body: request.type === 'chat' ? withinTokens(request.body, config.limits) : request.body,
  }
  return { query: query as Query, realm }
}

/** The narrower of two limits of which either may be absent. */
function narrowest(a: Scope | undefined, b: Scope | undefined): Scope | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return narrowerScope(a, b)
}

function queryType({ type, body }: QueryRequest): QueryType {
  if (type !== 'chat') return type
  return chatLength(body).images > 0 ? 'vision' : 'chat'
}

function checkSize(request: QueryRequest, { limits, name }: RealmConfig): void {
  const bytes = contentBytes(request.body)
  if (bytes <= limits.promptBytes) return
  throw new RealmeshError('PROMPT_TOO_LARGE', `the prompt has ${bytes} bytes; ${name} takes ${limits.promptBytes}`, {
    fix: 'shorten the conversation, or raise limits.prompt_bytes of the realm',
  })
}
