import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { storageError } from '../../../../storage/store/store-error.ts'

const coded = (code: string, message = '', cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

describe('errors of the storage software', () => {
  for (const [what, thrown, code] of [
    ['a full disk', coded('ENOSPC'), 'STORAGE_FULL'],
    ['a full quota', coded('EDQUOT'), 'STORAGE_FULL'],
    [
      'a full disk that LevelDB met',
      coded('LEVEL_IO_ERROR', 'IO error: x.log: No space left on device'),
      'STORAGE_FULL',
    ],
    ['a full disk below another error', coded('LEVEL_DATABASE_NOT_OPEN', '', coded('ENOSPC')), 'STORAGE_FULL'],
    ['a full server', new Error("OOM command not allowed when used memory > 'maxmemory'"), 'STORAGE_FULL'],
    ['a store of another process', coded('LEVEL_DATABASE_NOT_OPEN', '', coded('LEVEL_LOCKED')), 'STORAGE_LOCKED'],
    ['corruption', coded('LEVEL_DATABASE_NOT_OPEN', '', coded('LEVEL_CORRUPTION')), 'STORAGE_DAMAGED'],
    [
      'a missing table',
      coded('LEVEL_IO_ERROR', 'IO error: /x/000005.ldb: No such file or directory'),
      'STORAGE_DAMAGED',
    ],
    ['a store that was closed', coded('LEVEL_DATABASE_NOT_OPEN'), 'STORAGE_CLOSED'],
    ['a reader of a closed store', coded('LEVEL_ITERATOR_NOT_OPEN'), 'STORAGE_CLOSED'],
    ['any other', coded('EIO'), 'STORAGE_FAILED'],
    ['no error at all', 'a word', 'STORAGE_FAILED'],
  ] as const) {
    it(`tell of ${what} as ${code}`, () => {
      const error = storageError(thrown, 'shard one')
      assert.equal(error.code, code)
      assert.match(error.message, /^shard one/)
    })
  }

  it('are left alone when they are ours', () => {
    const ours = new RealmeshError('USER_NOT_FOUND', 'nobody')
    assert.equal(storageError(ours, 'shard one'), ours)
  })

  it('end even when a cause points at itself', () => {
    const circle = new Error('round')
    circle.cause = circle
    assert.equal(storageError(circle, 'x').code, 'STORAGE_FAILED')
  })
})
