import assert from 'node:assert/strict'
import { inItsSwarm, type SwarmDoor } from '../../../../node/invite/swarm-entry.ts'

const OURS = new Uint8Array(32).fill(1)
const THEIRS = new Uint8Array(32).fill(2)

describe('entering the swarm of an invitation', () => {
  const settled: string[] = []
  const doorOf = (key: Uint8Array | undefined, isFixed = false): SwarmDoor => ({
    key,
    isFixed,
    settle: async (kept, peer) => void settled.push(`${kept[0]} ${peer}`),
  })
  beforeEach(() => settled.splice(0))

  it('takes its key before anything is said, and keeps it once the invitation was good', async () => {
    const door = doorOf(undefined)
    const during = await inItsSwarm({ swarmKey: THEIRS, peer: 'desk' }, door, async () => door.key)
    assert.deepEqual([during, door.key, settled], [THEIRS, THEIRS, ['2 desk']])
  })

  it('gives the key up where the invitation was not good', async () => {
    const door = doorOf(OURS)
    const refused = inItsSwarm({ swarmKey: THEIRS, peer: 'desk' }, door, () => Promise.reject(new Error('expired')))
    await assert.rejects(refused, /expired/)
    assert.deepEqual([door.key, settled], [OURS, []])
  })

  it('changes nothing where both are in the same swarm', async () => {
    for (const key of [undefined, OURS]) {
      const invitation = { peer: 'desk', ...(key !== undefined && { swarmKey: Uint8Array.from(key) }) }
      assert.equal(await inItsSwarm(invitation, doorOf(key, true), async () => 'followed'), 'followed')
    }
    assert.deepEqual(settled, [])
  })

  it('is refused with a fix where the file of the configuration decides, and out of a private swarm', async () => {
    const follow = async (): Promise<void> => assert.fail('followed')
    const fixed = inItsSwarm({ swarmKey: THEIRS, peer: 'desk' }, doorOf(undefined, true), follow)
    await assert.rejects(fixed, { code: 'USAGE', fix: /node\.swarm_key/ })
    await assert.rejects(inItsSwarm({ peer: 'desk' }, doorOf(OURS), follow), { code: 'USAGE', fix: /swarm\.key/ })
  })
})
