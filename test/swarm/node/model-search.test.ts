import assert from 'node:assert/strict'
import { DOORS, type Newcomer, UnknownModel } from '../../scenarios/unknown-model.ts'
import type { SwarmNode } from '../../support/swarm-node.ts'

const NODES = 9
/** What takes a node a second takes longer where one busy machine is all nodes. */
const PATIENCE_MS = 120_000

describe('a model that one unknown node serves', () => {
  const swarm = new UnknownModel()
  let tagged: SwarmNode
  let latest: SwarmNode
  let newcomer: Newcomer | undefined

  before(async () => {
    await swarm.start(NODES)
    tagged = await swarm.serve('rare:7b')
    latest = await swarm.serve('Lone:latest')
    newcomer = await swarm.newcomer(PATIENCE_MS)
  })

  after(async () => {
    await newcomer?.stop()
    await swarm.stop()
  })

  function ask(...args: Parameters<Newcomer['ask']>): ReturnType<Newcomer['ask']> {
    return newcomer?.ask(...args) ?? assert.fail('there is no newcomer')
  }

  it('is not looked for by a query that may not leave the node', async () => {
    const { text, receipt } = ask('rare:7b', 'local')
    await assert.rejects(text, { code: 'MODEL_NOT_FOUND', message: /offers the model rare:7b$/ })
    assert.equal(receipt().searchedMs, undefined)
    // A busy machine may lose one of its doors for a moment; a search would add to them.
    assert.ok((newcomer?.node.table.connectedCount ?? 0) <= DOORS)
    assert.equal(newcomer?.node.table.get(tagged.id)?.connected ?? false, false)
  })

  for (const [how, asked] of [
    ['by its name with a tag', 'rare:7b'],
    ['by its name without the tag that it has', 'lone'],
  ] as const) {
    it(`answers its first query ${how}`, async () => {
      const rig = asked === 'lone' ? latest : tagged
      assert.equal(newcomer?.node.table.get(rig.id)?.connected ?? false, false)
      swarm.show(rig === latest ? [] : [latest])
      const { text, receipt } = ask(asked)
      assert.equal(await text, `from ${rig.id}`)
      const { searchedMs = 0, attempts } = receipt()
      assert.ok(searchedMs > 0)
      assert.deepEqual(
        attempts.map(({ node }) => node),
        [rig.id],
      )
    })
  }

  it('that does not exist is said to have been looked for', async () => {
    const { text, receipt } = ask('no-such')
    await assert.rejects(text, { code: 'MODEL_NOT_FOUND', message: /; searched the network for \d+\.\d s$/ })
    assert.ok((receipt().searchedMs ?? 0) > 0)
    const again = ask('no-such')
    await assert.rejects(again.text, { code: 'MODEL_NOT_FOUND', message: /searched for it a moment ago$/ })
    assert.equal(again.receipt().searchedMs, undefined)
  })
})
