import assert from 'node:assert/strict'
import { nodeNames } from '../../../../bin/client/node-names.ts'

const RIG = '12D3KooWabcdefghijklmnop'
const OWN = '12D3KooWqrstuvwxyz123456'

describe('names of nodes', () => {
  const over = (peers: readonly object[]): Parameters<typeof nodeNames>[0] => ({
    json: async (path) => (path === '/api/peers' ? { peers } : { peerId: OWN, name: 'laptop' }),
  })

  it('stand beside the end of the id: what their owner calls them, or the own owner', async () => {
    const show = await nodeNames(over([{ id: RIG, name: 'desk' }]))
    assert.deepEqual([show(RIG), show(OWN)], ['desk (…ijklmnop)', 'laptop (…yz123456)'])
    assert.equal((await nodeNames(over([{ id: RIG, name: 'desk', called: 'attic' }])))(RIG), 'attic (…ijklmnop)')
  })

  it('steer no terminal, and are left out where there is none', async () => {
    assert.equal((await nodeNames(over([{ id: RIG, name: '\u001b[2Jdesk' }])))(RIG), '[2Jdesk (…ijklmnop)')
    assert.equal((await nodeNames(over([])))(RIG), '…ijklmnop')
  })

  it('are left out for a key that may not ask for peers', async () => {
    const show = await nodeNames({ json: () => Promise.reject(new Error('403')) })
    assert.equal(show(RIG), '…ijklmnop')
  })
})
