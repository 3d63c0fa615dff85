import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { hashKey } from '../../../../gateway/door/credentials.ts'
import { failing } from '../../../support/fake-node.ts'
import { HELLO, startGateway } from '../../../support/started-gateway.ts'

describe('submit', () => {
  it('names the query on an error too, so that its receipt can be found', async () => {
    const { gateway, node } = await startGateway()
    try {
      node.script = failing(new RealmeshError('NO_WORKER', 'nobody'))
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(HELLO),
      })
      assert.equal(response.status, 503)
      assert.notEqual(response.headers.get('x-realmesh-query'), null)
    } finally {
      await gateway.stop()
    }
  })
})

describe('what is asked of the node', () => {
  const KEY = 'sk-test'

  async function asked(headers: Record<string, string>, extra: object = {}) {
    const hash = hashKey(KEY)
    const { gateway, node } = await startGateway({ apiKeys: [{ hash, scope: 'home' }] })
    try {
      await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...headers },
        body: JSON.stringify({ ...HELLO, ...extra }),
      })
      return node.asked[0]
    } finally {
      await gateway.stop()
    }
  }

  it('asks the node for a receipt that is proved where the client wants one', async () => {
    assert.equal((await asked({ 'x-realmesh-receipt': '1' }))?.wantsReceipt, true)
    assert.equal((await asked({}))?.wantsReceipt, false)
  })

  it('is limited by the API key', async () => {
    assert.equal((await asked({}))?.scopeLimit, 'home')
  })

  it('may stand in the body, for clients that cannot set headers; the header is stronger', async () => {
    assert.equal((await asked({}, { realmesh: { scope: 'local' } }))?.scope, 'local')
    assert.equal((await asked({ 'x-realmesh-scope': 'home' }, { realmesh: { scope: 'local' } }))?.scope, 'home')
  })
})
