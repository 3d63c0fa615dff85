import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { crc32c, tableProblem } from '../../../../storage/store/table-check.ts'

describe('tableProblem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'realmesh-table-'))
  let table: Buffer

  before(async () => {
    const db = new Level<string, string>(folder)
    for (let i = 0; i < 3_000; i += 1) await db.put(`key ${i}`, `value ${i} ${'x'.repeat(i % 50)}`)
    await db.close()
    // Opened again, LevelDB turns its log into a table.
    const again = new Level<string, string>(folder)
    await again.open()
    await again.close()
    const name = readdirSync(folder).find((entry) => entry.endsWith('.ldb')) ?? ''
    table = readFileSync(join(folder, name))
  })

  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('computes the checksum that LevelDB computes', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  })

  it('finds nothing wrong with a table that LevelDB wrote', () => {
    assert.equal(tableProblem(table), undefined)
  })

  it('notices a flipped bit anywhere in the index and the footer, which LevelDB would follow out of the file', () => {
    const footer = table.length - 48
    const meta = [...table.subarray(footer)].findIndex((byte) => byte < 0x80)
    assert.ok(meta >= 0)
    // The index lies right in front of the footer: its last bytes, its trailer, and all of the footer that means
    // anything.
    for (let at = footer - 60; at < table.length; at += 1) {
      const padding = at >= footer + 20 && at < table.length - 8
      if (padding) continue
      const damaged = Buffer.from(table)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      if (at >= footer && at < footer + 20 && table[at] === 0) continue // behind the handles nothing is read
      assert.notEqual(tableProblem(damaged), undefined, `byte ${at - footer} from the footer`)
    }
  })

  it('notices a table that was cut', () => {
    for (const share of [0, 0.3, 0.9, 0.999]) {
      assert.notEqual(tableProblem(table.subarray(0, Math.floor(table.length * share))), undefined)
    }
  })
})
