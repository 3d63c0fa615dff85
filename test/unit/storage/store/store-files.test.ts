import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { copyStore, linkStore } from '../../../../storage/store/store-copies.ts'
import { diskFiles } from '../../../../storage/store/store-files.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('the files beside the stores', () => {
  const folder = temporaryFolder()

  it('say what is not there instead of failing', async () => {
    const none = folder.path('none')
    assert.equal(await diskFiles.read(none), undefined)
    assert.equal(await diskFiles.list(none), undefined)
    assert.equal(await diskFiles.exists(none), false)
    assert.equal(await diskFiles.size(none), 0)
    await diskFiles.remove(none)
  })

  it('are their owner’s alone, in folders that are too', async () => {
    await diskFiles.makeFolder(folder.path('a/b'))
    await diskFiles.makeFolder(folder.path('a/b'))
    await diskFiles.writeAtomic(folder.path('a/b/file'), 'x')
    assert.equal((await stat(folder.path('a/b'))).mode & 0o777, 0o700)
    assert.equal((await stat(folder.path('a/b/file'))).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(folder.path('a/b')), ['file'])
  })

  it('are written in place, and only there', async () => {
    await writeFile(folder.path('file'), 'aaaaaa')
    const file = await diskFiles.openFile(folder.path('file'))
    await file.writeSynced(Buffer.from('bb'), 2)
    await file.close()
    assert.equal(await readFile(folder.path('file'), 'utf8'), 'aabbaa')
  })

  it('fill the space that is asked for', async () => {
    await diskFiles.fill(folder.path('reserve'), 3_000_000)
    assert.equal(await diskFiles.size(folder.path('reserve')), 3_000_000)
    const { freeBytes, totalBytes } = await diskFiles.space(folder.path('reserve'))
    assert.ok(freeBytes > 0 && freeBytes <= totalBytes)
  })

  it('of a store are linked or copied without its lock and its log for people', async () => {
    await diskFiles.makeFolder(folder.path('db'))
    for (const name of ['CURRENT', '000005.ldb', 'LOCK', 'LOG', 'LOG.old'])
      await writeFile(folder.path(`db/${name}`), name)
    await linkStore(diskFiles, folder.path('db'), folder.path('linked'))
    await copyStore(diskFiles, folder.path('db'), folder.path('copied'))
    for (const to of ['linked', 'copied']) {
      assert.deepEqual((await readdir(folder.path(to))).sort(), ['000005.ldb', 'CURRENT'])
      assert.equal(await readFile(folder.path(`${to}/CURRENT`), 'utf8'), 'CURRENT')
    }
    const inode = async (at: string): Promise<number> => (await stat(folder.path(at))).ino
    assert.equal(await inode('linked/CURRENT'), await inode('db/CURRENT'))
    assert.notEqual(await inode('copied/CURRENT'), await inode('db/CURRENT'))
  })
})
