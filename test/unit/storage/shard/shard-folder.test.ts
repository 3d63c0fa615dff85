import assert from 'node:assert/strict'
import { safeFolderName } from '../../../../storage/shard/shard-folder.ts'

describe('the folder of a shard', () => {
  it('has a safe name for any string, and different ones for different strings', () => {
    const names = ['shard1.db', '../x', 'CON', 'con', 'a/b', 'A', '', '.', 'ü', 'x'.repeat(99), '\0']
    const folders = names.map(safeFolderName)
    assert.equal(new Set(folders).size, names.length)
    for (const folder of folders) assert.match(folder, /^(\.h-[0-9a-f]{32}|[a-z0-9][a-z0-9_.-]*)$/)
    assert.equal(safeFolderName('shard1.db'), 'shard1.db')
  })
})
