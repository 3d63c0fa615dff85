import assert from 'node:assert/strict'
import { HostilePeers } from '../scenarios/hostile-peers.ts'
import type { ChatResult } from '../support/chat-client.ts'
import { FLOODS } from '../support/hostile-peer.ts'

describe('a node among five hostile peers', () => {
  const peers = new HostilePeers()

  before(() => peers.start())

  after(() => peers.stop())

  it('answers all its owner asks, shuts out every flood, and names each cause once', async () => {
    const answers: ChatResult[] = []
    const ids = await peers.floodAll((answer) => answers.push(answer))
    assert.deepEqual([...ids.keys()].sort(), [...FLOODS].sort())
    assert.ok(answers.length > 0)
    assert.deepEqual(
      answers.filter(({ kind }) => kind !== 'done'),
      [],
    )
    const { denied, connected, known } = (await peers.daemon.status()).peers
    assert.deepEqual(new Set(denied.map(({ id }) => id)), new Set(ids.values()))
    assert.equal(connected, 0)
    assert.equal(known, 0, 'who never showed a card is not kept in mind')
    const causes = peers.daemon
      .stderr()
      .split('\n')
      .flatMap((line) => /"reason":"([^"]*)","msg":"peer cut and denied/.exec(line)?.[1] ?? [])
    assert.deepEqual(causes.sort(), [...new Set(denied.map(({ reason }) => reason))].sort())
  })
})
