import assert from 'node:assert/strict'
import type { Pairing } from '../../../node/api/joining/pairing-control.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { eventually } from '../../support/daemon.ts'
import { startedNode } from '../../support/node-pair.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('pairing of two nodes', () => {
  const folder = temporaryFolder()
  const nodes: RealmeshNode[] = []
  let made = 0

  async function started(name: string, through?: RealmeshNode): Promise<RealmeshNode> {
    made += 1
    const joins = through === undefined ? {} : { bootstrap: through.addresses() }
    const node = await startedNode(folder.path(`${name}-${made}`), undefined, {}, { name, ...joins })
    nodes.push(node)
    return node
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  const met = (at: RealmeshNode, other: RealmeshNode, name: string): Promise<unknown> =>
    eventually(`${name} is met`, () => at.peers().some((peer) => peer.id === other.peerId && peer.name === name))

  const pairing = (at: RealmeshNode, other: RealmeshNode, state: Pairing['state']): Promise<Pairing> =>
    eventually(`${state} with ${other.peerId}`, () =>
      at.control.pairings.list().find((each) => each.peer === other.peerId && each.state === state),
    )

  it('of which one is in a home moves the other one there, whoever asked', async () => {
    const desk = await started('desk')
    const attic = await started('attic', desk)
    const { text } = await desk.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
    await attic.control.invitations.join(text)
    const laptop = await started('laptop', desk)
    await met(desk, laptop, 'laptop')
    await met(laptop, desk, 'desk')
    await desk.control.pairings.begin('laptop', 'home')
    await pairing(laptop, desk, 'asks')
    await laptop.control.pairings.begin('desk', 'home')
    const { mover, digits } = await pairing(laptop, desk, 'compare')
    assert.equal(mover, 'this node')
    await pairing(desk, laptop, 'compare')
    await laptop.control.pairings.answer('desk', digits)
    await desk.control.pairings.answer('laptop', digits)
    await pairing(desk, laptop, 'paired')
    await pairing(laptop, desk, 'paired')
    assert.equal(laptop.status().federation.id, attic.status().federation.id)
    const relation = (at: RealmeshNode, to: RealmeshNode) => at.peers().find(({ id }) => id === to.peerId)?.relation
    assert.equal(relation(desk, laptop), 'home')
    assert.equal(relation(laptop, desk), 'home')
  })

  it('through a third one that calls itself by both names shows other digits on each screen, and ends there', async () => {
    const [desk, laptop] = [await started('desk'), await started('laptop')]
    const middle = await startedNode(
      folder.path('middle'),
      undefined,
      {},
      {
        name: 'desk',
        bootstrap: [...desk.addresses(), ...laptop.addresses()],
      },
    )
    nodes.push(middle)
    await met(laptop, middle, 'desk')
    await met(desk, middle, 'desk')
    const keys = [desk, laptop].map((node) => node.status().federation.id)
    await laptop.control.pairings.begin('desk', 'home')
    await pairing(middle, laptop, 'asks')
    await middle.control.pairings.begin(desk.peerId, 'home')
    await pairing(desk, middle, 'asks')
    await desk.control.pairings.begin(middle.peerId, 'home')
    await middle.control.pairings.begin(laptop.peerId, 'home')
    const [atDesk, atLaptop] = [await pairing(desk, middle, 'compare'), await pairing(laptop, middle, 'compare')]
    assert.notEqual(atDesk.digits, atLaptop.digits, 'but for one case in a million')
    // The one in the middle says yes to both; each owner types what the other true screen shows.
    await middle.control.pairings.answer(desk.peerId, atDesk.digits)
    await middle.control.pairings.answer(laptop.peerId, atLaptop.digits)
    await laptop.control.pairings.answer(middle.peerId, atDesk.digits)
    await desk.control.pairings.answer(middle.peerId, atLaptop.digits)
    for (const at of [desk, laptop]) assert.equal((await pairing(at, middle, 'failed')).code, 'PAIRING_FAILED')
    assert.deepEqual(
      [desk, laptop].map((node) => node.status().federation.id),
      keys,
    )
  })

  it('makes friends of their owners, both ways', async () => {
    const desk = await started('desk')
    const laptop = await started('laptop', desk)
    await met(desk, laptop, 'laptop')
    await met(laptop, desk, 'desk')
    await laptop.control.pairings.begin('desk', 'friend')
    await pairing(desk, laptop, 'asks')
    await desk.control.pairings.begin('laptop', 'friend')
    const { digits } = await pairing(desk, laptop, 'compare')
    await pairing(laptop, desk, 'compare')
    await desk.control.pairings.answer('laptop', digits)
    await laptop.control.pairings.answer('desk', digits)
    await pairing(desk, laptop, 'paired')
    await pairing(laptop, desk, 'paired')
    assert.equal(desk.peers()[0]?.relation, 'friend')
    assert.equal(laptop.peers()[0]?.relation, 'friend')
    assert.notEqual(desk.status().federation.id, laptop.status().federation.id)
  })
})
