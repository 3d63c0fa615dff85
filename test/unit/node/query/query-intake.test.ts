import assert from 'node:assert/strict'
import type { RealmConfig } from '../../../../config/schema/realm-schema.ts'
import type { ErrorCode } from '../../../../core/realmesh-error.ts'
import type { Scope } from '../../../../core/scope.ts'
import type { QueryRequest } from '../../../../node/api/node-api.ts'
import type { Permitted } from '../../../../node/api/permitted.ts'
import { takeIn } from '../../../../node/query/query-intake.ts'
import type { Realm } from '../../../../node/realm/realm.ts'
import { defaultConfig } from '../../../support/default-config.ts'

const REALMS = new Map(defaultConfig().realms.map((realm) => [realm.primaryQueryType, realm]))

interface Setting {
  readonly realm?: Partial<RealmConfig>
  readonly scope?: Scope
  readonly consented?: boolean
}

function intake(request: Partial<QueryRequest>, { realm = {}, scope = 'home', consented = false }: Setting = {}) {
  const full = { type: 'chat', model: 'tiny', user: 'alice', body: { messages: [] }, ...request } as QueryRequest
  return takeIn(full, {
    scope: () => scope,
    consented: () => consented,
    realms: {
      forType: (type) => {
        const config = REALMS.get(type)
        assert.ok(config !== undefined)
        return { config: { ...config, ...realm } } as Realm
      },
    },
  }).query
}

const image = { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' }

describe('takeIn', () => {
  it('passes on that it is of a batch', () => {
    assert.equal(intake({ priority: 'batch' }).priority, 'batch')
    assert.equal('priority' in intake({}), false)
  })

  it('makes a query of the node, one hop from being served', () => {
    const query = intake({})
    assert.deepEqual([query.realm, query.scope, query.hopsLeft, query.user], ['$CHAT', 'home', 1, 'alice'])
    assert.match(query.id, /^[0-9a-f-]{36}$/)
  })

  it('takes a conversation with an image to the vision realm', () => {
    const query = intake({ body: { messages: [{ role: 'user', content: [image] }] } } as Partial<QueryRequest>)
    assert.deepEqual([query.type, query.realm], ['vision', '$VISION'])
  })

  it('follows an alias of the realm, by any spelling', () => {
    const models = { allow: [], deny: [], aliases: { 'gpt-4o': 'llama3:70b' } }
    assert.equal(intake({ model: 'GPT-4o' }, { realm: { models } }).model, 'llama3:70b')
  })

  const permitted: readonly (readonly [model: string, permitted: Permitted, pass: boolean])[] = [
    ['llama3:8b', { models: ['llama3*'] }, true],
    ['qwen', { models: ['llama3*'] }, false],
    ['auto', { models: ['llama3*'] }, false],
    ['', { models: ['auto', 'x'] }, true],
    ['qwen', { realms: ['$CHAT'] }, true],
    ['qwen', { realms: ['$IMAGINE'] }, false],
    ['qwen', { realms: [] }, false],
    ['fast', { models: ['llama3*'] }, true],
  ]
  for (const [model, allowed, pass] of permitted) {
    it(`${pass ? 'takes' : 'refuses'} ${model || 'no model'} for a key with ${JSON.stringify(allowed)}`, () => {
      const models = { allow: [], deny: [], aliases: { fast: 'llama3:8b' } }
      const asked = () => intake({ model, permitted: allowed }, { realm: { models } })
      if (pass) asked()
      else assert.throws(asked, { code: 'FORBIDDEN', message: /this API key is not for/ })
    })
  }

  it("holds an answer to the realm's length", () => {
    const limits = { promptBytes: 1_000, tokensOut: 100, totalMs: 1_000 }
    const asked = (maxTokens?: number) =>
      intake(
        {
          body: { messages: [], ...(maxTokens === undefined ? {} : { sampling: { maxTokens } }) },
        } as Partial<QueryRequest>,
        { realm: { limits } },
      )
    const tokens = [asked(), asked(50), asked(500)].map(
      (query) => query.type === 'chat' && query.body.sampling?.maxTokens,
    )
    assert.deepEqual(tokens, [100, 50, 100])
  })

  const SCOPES: readonly (readonly [string, Partial<QueryRequest>, Setting, Scope | ErrorCode])[] = [
    ['the node by default', {}, { scope: 'friends' }, 'friends'],
    ['the query when it narrows', { scope: 'local' }, { scope: 'friends' }, 'local'],
    ['the query when it widens', { scope: 'friends' }, {}, 'friends'],
    ['the realm when it is narrower than the node', {}, { scope: 'friends', realm: { scope: 'local' } }, 'local'],
    ["the user's own limit when it is narrower", { scopeLimit: 'local' }, { scope: 'friends' }, 'local'],
    ['nobody against his own limit', { scopeLimit: 'home', scope: 'friends' }, {}, 'SCOPE_REFUSED'],
    ['nobody against the realm', { scope: 'home' }, { realm: { scope: 'local' } }, 'SCOPE_REFUSED'],
    ['nobody to the public without a yes', { scope: 'public' }, {}, 'CONSENT_NEEDED'],
    ['the query to the public after a yes', { scope: 'public' }, { consented: true }, 'public'],
  ]
  for (const [who, request, setting, expected] of SCOPES) {
    it(`lets ${who} decide the scope: ${expected}`, () => {
      if (expected === expected.toLowerCase()) assert.equal(intake(request, setting).scope, expected)
      else assert.throws(() => intake(request, setting), { code: expected })
    })
  }

  it('refuses a prompt over the limit, in bytes and not in characters', () => {
    const limits = { promptBytes: 10, tokensOut: undefined, totalMs: 1_000 }
    const ask = (content: string) =>
      intake({ body: { messages: [{ role: 'user', content }] } } as Partial<QueryRequest>, { realm: { limits } })
    assert.doesNotThrow(() => ask('0123456789'))
    assert.throws(() => ask('日本語の'), { code: 'PROMPT_TOO_LARGE' })
  })

  for (const id of ['', 'a b', 'x'.repeat(129), '../etc', 'a\nb']) {
    it(`refuses the query id ${JSON.stringify(id.slice(0, 10))}`, () => {
      assert.throws(() => intake({ id }), { code: 'BAD_REQUEST' })
    })
  }

  it('refuses an endless model name', () => {
    assert.throws(() => intake({ model: 'x'.repeat(201) }), { code: 'BAD_REQUEST' })
  })
})
