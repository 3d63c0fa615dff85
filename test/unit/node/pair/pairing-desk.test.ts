import assert from 'node:assert/strict'
import { ENDED_TOLD_MS } from '../../../../node/pair/pairing-desk.ts'
import { MAX_PAIRINGS, PEER_ASKS_RULE } from '../../../../node/pair/pairing-rules.ts'
import { COMPARE_MS, OWNER_ANSWERS_MS } from '../../../../protocols/pair/constants.ts'
import { eventually } from '../../../support/daemon.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { type DeskedNode, DeskedNodes, pairingIn } from '../../../support/pairing-pair.ts'

describe('pairing', () => {
  let clock: ManualClock
  let nodes: DeskedNodes
  let laptop: DeskedNode
  let desk: DeskedNode
  beforeEach(() => {
    clock = new ManualClock()
    nodes = new DeskedNodes()
    laptop = nodes.add({ name: 'laptop', clock })
    desk = nodes.add({ name: 'desk', clock })
  })
  afterEach(() => nodes.stop())

  /** Both show digits. */
  async function compared(kind: 'home' | 'friend' = 'home'): Promise<readonly [string, string]> {
    assert.equal((await laptop.desk.begin('desk', kind)).state, 'asked')
    await pairingIn(desk, laptop.id, 'asks')
    await desk.desk.begin('laptop', kind)
    const [mine, theirs] = [await pairingIn(laptop, desk.id, 'compare'), await pairingIn(desk, laptop.id, 'compare')]
    assert.deepEqual([mine.mover, theirs.mover], kind === 'home' ? ['this node', 'the peer'] : [undefined, undefined])
    return [mine.digits ?? '', theirs.digits ?? 'none']
  }

  it('shows the same six digits on both screens, and hands over the key once both owners said yes', async () => {
    const [mine, theirs] = await compared()
    assert.match(mine, /^\d{6}$/)
    assert.equal(mine, theirs)
    assert.equal((await laptop.desk.answer('desk', theirs)).state, 'agreed')
    assert.deepEqual([laptop.done, desk.done], [[], []], 'one yes hands over nothing')
    await desk.desk.answer('laptop', `${mine.slice(0, 3)} ${mine.slice(3)}`)
    await pairingIn(laptop, desk.id, 'paired')
    await pairingIn(desk, laptop.id, 'paired')
    assert.deepEqual(laptop.done, ['took key of desk', 'met peer-desk'])
    assert.deepEqual(desk.done, ['gave the key to peer-laptop', 'met peer-laptop'])
    assert.match(desk.told[0] ?? '', /^laptop \(.*asks to be one home with this node: realmesh pair laptop$/)
    assert.match(desk.told[1] ?? '', /^paired: laptop .*is one of yours/)
    assert.match(laptop.told[0] ?? '', /^paired: this node moved into the home of desk/)
  })

  it('makes friends of both, and hands over no key', async () => {
    const [mine, theirs] = await compared('friend')
    await laptop.desk.answer('desk', theirs)
    await desk.desk.answer('laptop', mine)
    await pairingIn(desk, laptop.id, 'paired')
    assert.deepEqual(laptop.done, ['befriended peer-desk', 'met peer-desk'])
    assert.deepEqual(desk.done, ['befriended peer-laptop', 'met peer-laptop'])
  })

  it('moves the node that is alone to the one that has company, whoever asked', async () => {
    const lone = nodes.add({ name: 'lone', clock })
    const rig = nodes.add({ name: 'rig', clock, offer: { company: 2 } })
    await rig.desk.begin('lone', 'home')
    await pairingIn(lone, rig.id, 'asks')
    await lone.desk.begin('rig', 'home')
    assert.equal((await pairingIn(rig, lone.id, 'compare')).mover, 'the peer')
    const { mover, leaves } = await pairingIn(lone, rig.id, 'compare')
    assert.deepEqual([mover, leaves], ['this node', 0])
  })

  it('reveals nothing, and compares nothing, before the asked owner has answered', async () => {
    await laptop.desk.begin('desk', 'home')
    await pairingIn(desk, laptop.id, 'asks')
    assert.equal((await pairingIn(laptop, desk.id, 'asked')).digits, undefined)
    await assert.rejects(desk.desk.answer('laptop', '123456'), { code: 'BAD_REQUEST' })
  })

  for (const [what, answer] of [
    ['other digits', '000000'],
    ['a no', undefined],
  ] as const) {
    it(`ends with ${what} of either owner, says so on both sides, and hands over nothing`, async () => {
      const [mine] = await compared()
      await laptop.desk.answer('desk', mine)
      await desk.desk.answer('laptop', answer === mine ? '111111' : answer)
      const at = [await pairingIn(laptop, desk.id, 'failed'), await pairingIn(desk, laptop.id, 'failed')]
      for (const { reason } of at) assert.match(reason ?? '', /differ/)
      for (const { told } of [laptop, desk]) assert.match(told.at(-1) ?? '', /third node may stand between/)
      assert.deepEqual([laptop.done, desk.done], [[], []])
      await assert.rejects(desk.desk.answer('laptop', mine), { code: 'BAD_REQUEST' }, 'there is one answer')
    })
  }

  it('can be refused by the asked owner, and by the asking one before there are digits', async () => {
    await laptop.desk.begin('desk', 'home')
    await pairingIn(desk, laptop.id, 'asks')
    await desk.desk.answer('laptop', undefined)
    assert.match((await pairingIn(laptop, desk.id, 'failed')).reason ?? '', /its owner said no/)
    await laptop.desk.begin('desk', 'home')
    await pairingIn(desk, laptop.id, 'asks')
    await laptop.desk.answer('desk', undefined)
    await eventually('the desk has forgotten it', () => desk.desk.list().length === 0)
    assert.equal(desk.told.length, 2, 'a line for each ask, none for its end')
  })

  it('goes on by one conversation where both owners asked at the same moment', async () => {
    await Promise.all([laptop.desk.begin('desk', 'home'), desk.desk.begin('laptop', 'home')])
    const [mine, theirs] = [await pairingIn(laptop, desk.id, 'compare'), await pairingIn(desk, laptop.id, 'compare')]
    assert.equal(mine.digits, theirs.digits)
    await laptop.desk.answer('desk', theirs.digits)
    await desk.desk.answer('laptop', mine.digits)
    await pairingIn(laptop, desk.id, 'paired')
    await pairingIn(desk, laptop.id, 'paired')
    assert.deepEqual([laptop.told.length, desk.told.length], [1, 1], 'no failure is told')
  })

  it('expires where nobody answers, and where nobody compares', async () => {
    await laptop.desk.begin('desk', 'home')
    await pairingIn(desk, laptop.id, 'asks')
    clock.advance(OWNER_ANSWERS_MS)
    assert.match((await pairingIn(laptop, desk.id, 'failed')).reason ?? '', /nobody answered/)
    await eventually('the desk has let go', () => desk.desk.list().length === 0)
    await compared()
    clock.advance(COMPARE_MS)
    await pairingIn(laptop, desk.id, 'failed')
    await pairingIn(desk, laptop.id, 'failed')
    assert.deepEqual([laptop.done, desk.done], [[], []])
    clock.advance(ENDED_TOLD_MS + 1)
    assert.deepEqual(laptop.desk.list(), [])
  })

  it('says what the other side wants where the two owners want different things', async () => {
    await laptop.desk.begin('desk', 'friend')
    await pairingIn(desk, laptop.id, 'asks')
    await assert.rejects(desk.desk.begin('laptop', 'home'), { code: 'BAD_REQUEST', fix: /--friend/ })
    assert.match(desk.told[0] ?? '', /asks to be friends: realmesh pair laptop --friend$/)
  })

  it('is refused with a node that is one of the own home already', async () => {
    const rig = nodes.add({ name: 'rig', clock, relations: { 'peer-laptop': 'home' } })
    await assert.rejects(rig.desk.begin('laptop', 'home'), { code: 'BAD_REQUEST', message: /already/ })
    await laptop.desk.begin('rig', 'home')
    assert.match((await pairingIn(laptop, rig.id, 'failed')).reason ?? '', /one home already/)
    assert.deepEqual(rig.told, [])
  })

  it('cannot be asked for again and again by one peer', async () => {
    for (let i = 0; i < PEER_ASKS_RULE.burst; i += 1) {
      await laptop.desk.begin('desk', 'home')
      await pairingIn(desk, laptop.id, 'asks')
      await laptop.desk.answer('desk', undefined)
      await eventually('it is over', () => desk.desk.list().length === 0)
    }
    await laptop.desk.begin('desk', 'home')
    assert.match((await pairingIn(laptop, desk.id, 'failed')).reason ?? '', /too often/)
    assert.equal(desk.told.length, PEER_ASKS_RULE.burst)
  })

  it('costs the owner a few lines, however many peers ask, and the own asks still go out', async () => {
    const crowd = Array.from({ length: 40 }, (_, i) => nodes.add({ name: `sybil-${i}`, clock }))
    for (const one of crowd) await one.desk.begin('desk', 'home')
    for (const one of crowd) {
      await eventually('each is answered', () =>
        one.desk
          .list()
          .every(({ state }) => state === 'failed' || desk.desk.list().some(({ peer }) => peer === one.id)),
      )
    }
    assert.ok(desk.told.length <= MAX_PAIRINGS, `${desk.told.length} lines`)
    assert.equal(desk.desk.list().length, MAX_PAIRINGS)
    assert.equal((await desk.desk.begin('laptop', 'home')).state, 'asked')
    await pairingIn(laptop, desk.id, 'asks')
    assert.equal(desk.desk.list().length, MAX_PAIRINGS)
  })

  it('tells a node that waits at once of what changes, and after a while of nothing', async () => {
    await laptop.desk.begin('desk', 'home')
    const waiting = laptop.desk.wait('desk', 'asked')
    await pairingIn(desk, laptop.id, 'asks')
    await desk.desk.begin('laptop', 'home')
    assert.equal((await waiting).state, 'compare')
    const still = laptop.desk.wait('desk', 'compare')
    clock.advance(20_000)
    assert.equal((await still).state, 'compare')
    await assert.rejects(laptop.desk.wait('nobody', 'asks'), { code: 'BAD_REQUEST' })
  })
})
