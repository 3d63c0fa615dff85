/** GUIDs, nicknames, ids and names of models come from strangers: none of them reaches a file system or a prototype. */
import assert from 'node:assert/strict'
import { join, resolve, sep } from 'node:path'
import { accountKey, creditKey, queryKeys, userOfKey, userRef } from '../../../../storage/rows/keys.ts'
import { safeFolderName } from '../../../../storage/shard/shard-folder.ts'
import { shardOf } from '../../../../storage/shards/shard-map.ts'
import { diskFiles, type StoreFiles } from '../../../../storage/store/store-files.ts'
import { storeFolder } from '../../../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'
import { volume } from '../../../support/volume.ts'

/** A million in `npm run fuzz`, as the threat model wants (row 6). */
const NAMES = volume(20_000, 1_000_000)
/** Of these go through the whole of the user data. */
const USERS = volume(150, 1_500)

const PIECES = [
  '..', '/', '\\', '\0', '%2e%2e', 'C:', '~', '$HOME', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty',
  'CON', 'nul', '.', ' ', '\n', '\u202e', '\ud800', '\udfff', 'é', 'e\u0301', '🦙', '!head', 'u/', '/a', "'; DROP", '{{', 'x'.repeat(300),
  'llama3:8b', '$CHAT', '-', '0', '\x7f', '\ufeff',
] // biome-ignore format: a table

/** A small generator with a fixed start: the same names in every run. */
function* names(count: number): Generator<string> {
  let state = 0x2545f491
  const next = (below: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  for (let n = 0; n < count; n += 1) {
    let name = ''
    for (let parts = 1 + next(4); parts > 0; parts -= 1) {
      name += next(4) === 0 ? String.fromCharCode(next(0x10000)) : (PIECES[next(PIECES.length)] ?? '')
    }
    yield name
  }
}

const prototypeOf = (): string => JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort())

describe('names that strangers choose', () => {
  const folder = storeFolder()
  const before = prototypeOf()

  after(folder.remove)

  afterEach(() => {
    assert.equal(prototypeOf(), before)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })

  it(`become plain keys and folder names: ${NAMES} of them`, () => {
    const map = {
      shards: ['a', 'b', 'c'],
      prefixes: new Map([
        ['..', 'a'],
        ['__proto__', 'b'],
      ]),
    }
    const plain = /^[A-Za-z0-9_-]{22}$/
    for (const name of names(NAMES)) {
      const user = userRef(name)
      if (!plain.test(user.key)) assert.fail(JSON.stringify(name))
      if (userOfKey(accountKey(user.key)) !== user.key) assert.fail(JSON.stringify(name))
      if (!map.shards.includes(shardOf(map, user))) assert.fail(JSON.stringify(name))
      for (const key of [creditKey(user.key, name), ...Object.values(queryKeys(user.key, 1, name))]) {
        if (!/^[A-Za-z0-9_/-]+$/.test(key)) assert.fail(JSON.stringify(name))
      }
      const file = safeFolderName(name)
      if (resolve('/base', file) !== `/base/${file}` || file.includes(sep)) assert.fail(JSON.stringify(name))
    }
  })

  it('touch nothing outside the home when they are users, nicknames, ids and models', async () => {
    const home = join(folder.path, 'home')
    const outside: string[] = []
    const files = new Proxy(diskFiles, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          for (const path of args) {
            if (typeof path === 'string' && path.startsWith('/') && !resolve(path).startsWith(home)) outside.push(path)
          }
          return value.apply(target, args)
        }
      },
    }) as StoreFiles
    const data = userDataIn(home, {}, { files })
    await data.start()
    const some = [...new Set(names(USERS))]
    await Promise.all(
      some.map(async (name, n) => {
        const nickname = `${n} ${name}`.slice(0, 60)
        if (/\p{Cc}|\u202e/u.test(nickname)) await assert.rejects(data.user(name, nickname), { code: 'BAD_REQUEST' })
        await data.user(name, nickname.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ''))
        await data.recordQuery(
          name,
          finishedQuery(name, { model: name, realm: name, peer: name, prompt: name, idChosen: true }),
        )
      }),
    )
    for (const name of some.slice(0, 300)) {
      const [query] = await data.queries(name, { texts: true })
      assert.equal(query?.id, name)
      assert.equal(query.prompt, name)
      assert.equal((await data.users.find(name))?.guid, name)
    }
    for (const name of ['__proto__', 'constructor', 'a b', '']) {
      await assert.rejects(data.users.update(some[0] ?? '', { settings: { [name]: 'polluted' } }), {
        code: 'BAD_REQUEST',
      })
    }
    await assert.rejects(data.user('x'.repeat(5_000)), { code: 'BAD_REQUEST' })
    await data.stop()
    await data.start()
    for (const { findings } of await data.shards.verify()) assert.deepEqual(findings, [])
    await data.stop()
    assert.deepEqual(outside, [])
    assert.deepEqual(await diskFiles.list(folder.path), ['home'])
  })
})
