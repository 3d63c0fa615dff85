import { ComingBack } from '../scenarios/coming-back.ts'
import { NamespacePair } from '../support/namespace-pair.ts'
import { skip } from '../support/skip.ts'

describe('a laptop', () => {
  let laptop: ComingBack | undefined

  before(async function () {
    const obstacle = NamespacePair.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
    laptop = new ComingBack()
    await laptop.start()
  })

  after(() => laptop?.stop())

  it('is back after it slept', async () => {
    await laptop?.sleep(2_000)
  })

  it('is back after it moved to another address', async () => {
    await laptop?.move()
  })

  it('serves its own users while everybody else is down, and is back when they are', async () => {
    await laptop?.left(0)
  })
})
