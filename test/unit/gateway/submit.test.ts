import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { failing } from '../../support/fake-node.ts'
import { HELLO, startGateway } from '../../support/started-gateway.ts'

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
