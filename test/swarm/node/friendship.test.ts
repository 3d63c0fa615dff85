import assert from 'node:assert/strict'
import type { PeerStatus } from '../../../node/api/node-api.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { collect, textOf } from '../../support/collect.ts'
import { eventually } from '../../support/daemon.ts'
import { startedNode } from '../../support/node-pair.ts'
import { simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('friendship of two owners', () => {
  const folder = temporaryFolder()
  let mine: RealmeshNode
  let theirs: RealmeshNode
  let made = 0
  beforeEach(async () => {
    made += 1
    const engine = simulatedEngine([simulatedModel('tiny', ['chat'])])
    mine = await startedNode(folder.path(`mine-${made}`), engine, {}, { name: 'mine', share: 'friends' })
    const joins = { name: 'theirs', scope: 'friends', bootstrap: mine.addresses() }
    theirs = await startedNode(folder.path(`theirs-${made}`), undefined, {}, joins)
    await eventually('both have met', () => row(mine, theirs) !== undefined && row(theirs, mine) !== undefined)
    await eventually('the rig knows its engine', () => mine.models().length > 0)
  })
  afterEach(async () => {
    await Promise.all([mine.stop(), theirs.stop()])
  })

  const row = (at: RealmeshNode, of: RealmeshNode): PeerStatus | undefined =>
    at.peers().find(({ id, name }) => id === of.peerId && name !== '')

  /** What `at` says of the other, and what it says that the other says of it. */
  const both = async (at: RealmeshNode, of: RealmeshNode, relation: string, its: string): Promise<unknown> =>
    await eventually(`${relation} and ${its}`, () => {
      const told = row(at, of)
      return told?.relation === relation && (told.theirs ?? told.relation) === its
    })

  const ask = async (): Promise<string> => {
    const body = { messages: [{ role: 'user' as const, content: 'hello' }] }
    const { signal } = new AbortController()
    return textOf(await collect(theirs.query({ type: 'chat', model: 'auto', user: 'local', body }, { signal }).events))
  }

  it('works as soon as both have said so, whoever was first, and each knows of the word of the other', async () => {
    await theirs.control.peers.friend({ peer: mine.peerId })
    await both(theirs, mine, 'friend', 'stranger')
    assert.deepEqual(theirs.models(), [], 'it is known for refused before anything is asked')
    await mine.control.peers.friend({ peer: theirs.peerId })
    await both(theirs, mine, 'friend', 'friend')
    await both(mine, theirs, 'friend', 'friend')
    await eventually('the models of the friend are there', () => theirs.models().length > 0)
    assert.equal(await ask(), 'simulated')
  })

  it('that one owner takes back ends at once at both nodes, and comes back at once', async () => {
    const { text } = await mine.control.invitations.create({ kind: 'friend', hours: 1, uses: 1 })
    await theirs.control.invitations.join(text)
    await eventually('the models of the friend are there', () => theirs.models().length > 0)
    await mine.control.peers.unfriend({ peer: theirs.peerId })
    assert.equal(row(mine, theirs)?.relation, 'stranger', 'made with the federation, ended by naming the node')
    await both(theirs, mine, 'friend', 'stranger')
    assert.deepEqual(theirs.models(), [])
    await assert.rejects(ask(), { code: /NO_WORKER|SHARE_REFUSED/ })
    await mine.control.peers.friend({ peer: theirs.peerId })
    await both(theirs, mine, 'friend', 'friend')
    await eventually('the models of the friend are back', () => theirs.models().length > 0)
    assert.equal(await ask(), 'simulated')
  })

  it('is known for over after a time apart, though it was ended while the friend was away', async () => {
    await theirs.control.peers.friend({ peer: mine.peerId })
    await mine.control.peers.friend({ peer: theirs.peerId })
    await both(theirs, mine, 'friend', 'friend')
    await mine.stop()
    await eventually('it is gone', () => theirs.peers().every(({ connected }) => !connected))
    assert.equal(row(theirs, mine)?.theirs, undefined)
    mine = await startedNode(
      folder.path(`mine-${made}`),
      undefined,
      {},
      {
        ...{ name: 'mine', share: 'friends', bootstrap: theirs.addresses() },
      },
    )
    await both(theirs, mine, 'friend', 'stranger')
  })

  it('ends at the moment that was said', async () => {
    await theirs.control.peers.friend({ peer: mine.peerId })
    await mine.control.peers.friend({ peer: theirs.peerId })
    await both(theirs, mine, 'friend', 'friend')
    const until = new Date(Date.now() + 1_000).toISOString()
    await mine.control.peers.friend({ peer: theirs.peerId, until })
    await both(theirs, mine, 'friend', 'stranger')
    assert.equal(row(mine, theirs)?.relation, 'stranger')
    assert.ok(Date.now() >= Date.parse(until))
  })
})
