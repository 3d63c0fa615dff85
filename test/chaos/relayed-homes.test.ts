import assert from 'node:assert/strict'
import { RelayedHomes } from '../scenarios/relayed-homes.ts'
import { Homes } from '../support/homes.ts'
import { skip } from '../support/skip.ts'

describe('two rigs behind two routers, symmetric and without UDP', () => {
  let homes: RelayedHomes | undefined

  before(async function () {
    const obstacle = Homes.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
    homes = new RelayedHomes()
    await homes.start()
  })

  after(() => homes?.stop())

  it('follow an invitation and answer over relays, and say so', async () => {
    await homes?.join()
  })

  it('send what is far larger than the cut of other relays', async () => {
    assert.ok(((await homes?.send(4_000_000)) ?? 0) > 0)
  })

  it('end an answer whose relay dies in its middle, and hold seats at one that lives', async () => {
    await homes?.killRelay()
    await homes?.seatsSettle()
  })
})
