import assert from 'node:assert/strict'
import { assertUnused, keyNamed } from '../../../../../bin/daemon/front/key-records.ts'
import { hashKey } from '../../../../../gateway/door/credentials.ts'
import type { ApiKeyRecord } from '../../../../../home/api-keys.ts'

function record(key: string, label?: string): ApiKeyRecord {
  const common = { sha256: hashKey(key), prefix: key.slice(0, 8), created: '2030-01-01T00:00:00.000Z' }
  return label === undefined ? common : { ...common, label }
}

describe('the key that a person means', () => {
  const laptop = record('sk-abcde-1', 'laptop')
  const phone = record('sk-abXYZ-2', 'phone')
  const nas = record('sk-fghij-3')
  const keys = [laptop, phone, nas, record('sk-same1-4', 'twin'), record('sk-same2-5', 'twin')]

  const named: readonly (readonly [string, ApiKeyRecord])[] = [
    ['sk-abcde…', laptop],
    ['sk-abcde...', laptop],
    ['sk-abcde', laptop],
    ['laptop', laptop],
    ['sk-abcde-1', laptop],
    ['sk-abX', phone],
    ['sk-f', nas],
  ]
  for (const [name, key] of named) {
    it(`may be named ${name}`, () => {
      assert.equal(keyNamed(name, keys), key)
    })
  }

  for (const name of ['', '…', 'sk-', 'sk-nope', 'lap', 'sk-abcde-2', 'fghij']) {
    it(`is not named by ${name || 'nothing'}`, () => {
      assert.throws(() => keyNamed(name, keys), { code: 'USAGE', message: /there is no key/ })
    })
  }

  for (const name of ['sk-ab', 'twin', 'sk-same']) {
    it(`is asked for where ${name} may be more than one`, () => {
      assert.throws(() => keyNamed(name, keys), { code: 'USAGE', message: /may be any of sk-/ })
    })
  }
})

describe('the label of a new key', () => {
  it('is one that no other key has; any number of keys may have none', () => {
    const keys = [record('sk-abcde-1', 'laptop'), record('sk-abXYZ-2')]
    assertUnused('phone', keys)
    assertUnused(undefined, keys)
    assert.throws(() => assertUnused('laptop', keys), { code: 'USAGE', message: /label laptop already/ })
  })
})
