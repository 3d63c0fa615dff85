/** Every door of a node that has no engine, by the suite of all doors: the engines of its peers answer. */
import { doorContract } from '../../support/doors/contract.ts'
import { PeerWorlds } from '../../support/doors/peer-world.ts'

describe('doors before peers', () => {
  const worlds = new PeerWorlds()
  before(() => worlds.open())
  after(() => worlds.close())

  doorContract(worlds)
})
