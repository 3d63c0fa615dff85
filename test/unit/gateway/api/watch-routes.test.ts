import assert from 'node:assert/strict'
import { type StartedGateway, startGateway } from '../../../support/started-gateway.ts'

describe('GET /metrics', () => {
  let started: StartedGateway

  beforeEach(async () => {
    started = await startGateway()
  })

  afterEach(async () => {
    await started.gateway.stop()
  })

  it('tells the node’s and each realm’s figures in the form that Prometheus reads', async () => {
    const response = await fetch(`${started.gateway.url}/metrics`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
    const text = await response.text()
    assert.match(text, /^realmesh_peers_connected \d+$/m)
    assert.match(text, /^realmesh_degraded 0$/m)
    assert.match(text, /^realmesh_hedges_made_total 3$/m)
    assert.match(text, /^realmesh_hedges_saved 1.5$/m)
    assert.match(text, /^# TYPE realmesh_realm_queued gauge$/m)
  })
})
