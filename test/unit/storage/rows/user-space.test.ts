import assert from 'node:assert/strict'
import { changeSpace, MAX_FILE_BYTES_OF_USER, type UserSpace } from '../../../../storage/rows/user-space.ts'
import type { TransactionView } from '../../../../storage/shard/transaction.ts'

function spaceOf(before?: UserSpace) {
  let row: object | undefined = before
  const view = {
    read: () => row,
    write: (_: string, value: object) => {
      row = value
    },
  } as unknown as TransactionView
  return (change: Partial<UserSpace>): object | undefined => {
    changeSpace(view, 'u', change)
    return row
  }
}

describe('the room of a user', () => {
  it('is counted from nothing, and never below', () => {
    const change = spaceOf()
    assert.deepEqual(change({ files: 1, bytes: 10 }), { files: 1, bytes: 10, batches: 0 })
    assert.deepEqual(change({ files: -2, bytes: -4 }), { files: 0, bytes: 6, batches: 0 })
  })

  it('is full at its bound, and can be left then', () => {
    const change = spaceOf({ files: 1, bytes: MAX_FILE_BYTES_OF_USER, batches: 0 })
    assert.throws(() => change({ bytes: 1 }), { code: 'NODE_LIMIT', message: /bytes of files/ })
    assert.deepEqual(change({ bytes: -1 }), { files: 1, bytes: MAX_FILE_BYTES_OF_USER - 1, batches: 0 })
  })
})
