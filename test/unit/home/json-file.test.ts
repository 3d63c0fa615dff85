import assert from 'node:assert/strict'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { readJsonFile, writeJsonFile } from '../../../home/json-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

describe('a JSON file of the home', () => {
  const folder = temporaryFolder()
  const file = (): string => folder.path('value.json')

  async function read(): Promise<{ value: string | undefined; broken: unknown[] }> {
    const broken: unknown[] = []
    return { value: await readJsonFile(file(), text, (error) => broken.push(error)), broken }
  }

  it('gives back what was written, and is its owner’s alone', async () => {
    await writeJsonFile(file(), 'kept')
    assert.deepEqual(await read(), { value: 'kept', broken: [] })
    assert.equal((await stat(file())).mode & 0o777, 0o600)
  })

  it('may be missing', async () => {
    assert.deepEqual(await read(), { value: undefined, broken: [] })
  })

  const broken: readonly (readonly [what: string, make: () => Promise<unknown>])[] = [
    ['is no JSON', () => writeFile(file(), '{"half')],
    ['holds something else', () => writeFile(file(), '7')],
    ['is a folder', () => mkdir(file())],
  ]
  for (const [what, make] of broken) {
    it(`that ${what} is told, and holds nothing`, async () => {
      await make()
      const { value, broken } = await read()
      assert.equal(value, undefined)
      assert.equal(broken.length, 1)
    })
  }
})
