import { Partition } from '../scenarios/partition.ts'
import { NamespacePair } from '../support/namespace-pair.ts'
import { skip } from '../support/skip.ts'

describe('a partition that heals', () => {
  let partition: Partition | undefined

  before(async function () {
    const obstacle = NamespacePair.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
    partition = new Partition()
    await partition.start()
  })

  after(() => partition?.stop())

  it('costs no answer that this side can give, ends what it cannot in clear errors, and is over', async () => {
    await partition?.cutAndHeal(0)
  })
})
