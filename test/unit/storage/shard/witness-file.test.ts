import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { decodeWitness, encodeWitness, WitnessFile } from '../../../../storage/shard/witness-file.ts'
import { diskFiles } from '../../../../storage/store/store-files.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const EPOCH = 'ab'.repeat(8)
const at = (seq: number) => ({ epoch: EPOCH, seq })

describe('the witness', () => {
  const folder = temporaryFolder()

  it('says the newer of its two slots, whichever it is', () => {
    for (const [first, second] of [
      [7, 8],
      [9, 8],
    ] as const) {
      const bytes = Buffer.concat([encodeWitness(at(first)), encodeWitness(at(second))])
      assert.deepEqual(decodeWitness(bytes), at(Math.max(first, second)))
    }
  })

  it('says the other slot when one was torn, and nothing when both were', () => {
    for (const torn of [3, 15, 30]) {
      const bytes = Buffer.concat([encodeWitness(at(7)), encodeWitness(at(8))])
      bytes[32 + torn] = (bytes[32 + torn] ?? 0) ^ 0xff
      assert.deepEqual(decodeWitness(bytes), at(7))
      bytes[torn] = (bytes[torn] ?? 0) ^ 0xff
      assert.equal(decodeWitness(bytes), undefined)
    }
    assert.equal(decodeWitness(Buffer.alloc(5)), undefined)
  })

  it('comes back from the disk as it was written last', async () => {
    const file = new WitnessFile({ files: diskFiles }, { path: folder.path('witness') })
    assert.equal(await file.read(), undefined)
    await file.reset(at(3))
    for (const seq of [4, 5, 6]) await file.write(at(seq))
    assert.deepEqual(await file.read(), at(6))
    await file.close()
    await file.close()
    await truncate(folder.path('witness'), 40)
    assert.ok([5, 6].includes((await file.read())?.seq ?? 0))
    await writeFile(folder.path('witness'), 'something else')
    assert.equal(await file.read(), undefined)
  })
})
