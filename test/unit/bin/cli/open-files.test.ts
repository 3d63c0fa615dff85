import assert from 'node:assert/strict'
import { fewFilesWarning, lackOfFiles } from '../../../../bin/cli/open-files.ts'

const failure = (code: string, cause?: Error): Error =>
  Object.assign(new Error('Cannot find package', { cause }), { code })

describe('lackOfFiles', () => {
  it('names the limit where a file could not be opened for it, however deep that stands', () => {
    const error = lackOfFiles(failure('SQLITE', failure('EMFILE')), () => 64)
    assert.equal(error?.message, 'more than 64 files cannot be opened at once')
    assert.match(error?.fix ?? '', /ulimit -n 1024/)
  })

  it('takes a package that is "not found" for the same where few files may be opened, and for what it says elsewhere', () => {
    assert.match(lackOfFiles(failure('ERR_MODULE_NOT_FOUND'), () => 100)?.message ?? '', /more than 100 files/)
    assert.equal(
      lackOfFiles(failure('ERR_MODULE_NOT_FOUND'), () => 4_096),
      undefined,
    )
  })

  it('leaves every other failure alone, and does not ask for the limit then', () => {
    assert.equal(
      lackOfFiles(failure('EACCES'), () => assert.fail('asked')),
      undefined,
    )
    assert.equal(
      lackOfFiles('thrown', () => assert.fail('asked')),
      undefined,
    )
  })
})

describe('fewFilesWarning', () => {
  it('warns below what systems give by default', () => {
    assert.match(fewFilesWarning(256) ?? '', /only 256 files/)
    assert.equal(fewFilesWarning(1_024), undefined)
  })
})
