import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { DiskGuard, type Guarded, isLow, REOPEN_BYTES, reserveFor } from '../../../../storage/care/disk-guard.ts'
import { WRITE_BUFFER_BYTES } from '../../../../storage/store/level-shard.ts'
import { diskFiles, type StoreFiles } from '../../../../storage/store/store-files.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const MB = 1024 * 1024
const GB = 1024 * MB

/** A disk whose free space the test sets, and the files on it. */
function fakeDisk(): { files: StoreFiles; free: (bytes: number) => void; sizes: Map<string, number> } {
  const sizes = new Map<string, number>()
  let freeBytes = 10 * GB
  const files: StoreFiles = {
    ...diskFiles,
    exists: async (path) => sizes.has(path),
    size: async (path) => sizes.get(path) ?? 0,
    remove: async (path) => {
      sizes.delete(path)
    },
    fill: async (path, bytes) => {
      sizes.set(path, bytes)
    },
    space: async () => ({ freeBytes, totalBytes: 100 * GB }),
  }
  return { files, free: (bytes) => (freeBytes = bytes), sizes }
}

class FakeShard implements Guarded {
  readonly name = 'shard1'
  refusal: RealmeshError | undefined
  mustReopen = false
  recovers = true
  lost = false
  present = true

  async lookAtFiles(): Promise<void> {
    this.lost ||= !this.present
    if (this.lost) this.refusal = new RealmeshError('STORAGE_DAMAGED', 'its files are gone')
  }

  refuseWrites(reason: RealmeshError): void {
    this.refusal ??= reason
  }

  async recover(): Promise<void> {
    if (!this.recovers) throw new RealmeshError('STORAGE_FAILED', 'not yet')
    this.refusal = undefined
  }
}

const codeOf = ({ refusal }: Guarded): string | undefined => refusal?.code

describe('the disk guard', () => {
  for (const [free, total, low] of [
    [255 * MB, 100 * GB, true],
    [257 * MB, 100 * GB, false],
    [0.1 * MB, 4 * MB, true],
    [0.3 * MB, 4 * MB, false],
  ] as const) {
    it(`finds ${free / MB} MB free of ${total / MB} MB ${low ? 'too little' : 'enough'}`, () => {
      assert.equal(isLow({ freeBytes: free, totalBytes: total }), low)
    })
  }

  it('keeps a reserve that small disks can afford', () => {
    assert.equal(reserveFor({ freeBytes: 0, totalBytes: 100 * GB }), 64 * MB)
    assert.equal(reserveFor({ freeBytes: 0, totalBytes: 100 * MB }), MB)
  })

  it('refuses writes while there is too little room, and resumes by itself', async () => {
    const { files, free } = fakeDisk()
    const clock = new ManualClock()
    const shard = new FakeShard()
    const guard = new DiskGuard({ files, clock, guarded: () => [shard] }, { folder: '/disk' })
    await guard.start()
    assert.equal(codeOf(shard), undefined)
    free(MB)
    clock.advance(5_000)
    await guard.check()
    assert.equal(codeOf(shard), 'STORAGE_FULL')
    free(GB)
    shard.recovers = false
    await guard.check()
    assert.equal(codeOf(shard), 'STORAGE_FULL')
    shard.recovers = true
    await guard.check()
    assert.equal(codeOf(shard), undefined)
    await guard.stop()
    assert.equal(clock.pending, 0)
  })

  it('does not reopen a store after a failed write before there is room for all of its log as a table', async () => {
    assert.ok(REOPEN_BYTES > WRITE_BUFFER_BYTES)
    const { files, free } = fakeDisk()
    const shard = new FakeShard()
    shard.mustReopen = true
    shard.refuseWrites(new RealmeshError('STORAGE_FULL', 'full'))
    const guard = new DiskGuard(
      { files, clock: new ManualClock(), guarded: () => [shard] },
      { folder: '/disk', lowBytes: 0 },
    )
    free(REOPEN_BYTES - 1)
    await guard.check()
    assert.equal(codeOf(shard), 'STORAGE_FULL')
    free(REOPEN_BYTES)
    await guard.check()
    assert.equal(codeOf(shard), undefined)
  })

  it('tells a store whose files are gone to refuse, and does not let it resume', async () => {
    const { files } = fakeDisk()
    const shard = new FakeShard()
    const guard = new DiskGuard({ files, clock: new ManualClock(), guarded: () => [shard] }, { folder: '/disk' })
    await guard.check()
    assert.equal(codeOf(shard), undefined)
    shard.present = false
    await guard.check()
    assert.equal(codeOf(shard), 'STORAGE_DAMAGED')
    await guard.check()
    assert.equal(codeOf(shard), 'STORAGE_DAMAGED')
  })

  it('gives the reserve up when asked, and makes it again when there is room', async () => {
    const { files, free, sizes } = fakeDisk()
    const guard = new DiskGuard({ files, clock: new ManualClock(), guarded: () => [] }, { folder: '/disk' })
    await guard.start()
    assert.equal(sizes.get('/disk/reserve'), 64 * MB)
    free(0)
    assert.equal(await guard.releaseReserve(), true)
    assert.equal(await guard.releaseReserve(), false)
    await guard.check()
    assert.equal(sizes.size, 0)
    free(10 * GB)
    await guard.check()
    assert.equal(sizes.get('/disk/reserve'), 64 * MB)
    await guard.stop()
  })
})
