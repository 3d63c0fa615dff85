import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatPath, parsePath } from '../../../../config/config-path.ts'
import { parseEngineAddress, parseHostPort } from '../../../../config/schema/addresses.ts'
import { parseSchedule } from '../../../../config/schema/parse-schedule.ts'
import { parseSize } from '../../../../config/schema/size.ts'
import { ENGINE_KINDS as NAMEABLE_KINDS } from '../../../../config/schema/worker-schema.ts'
import { nearest } from '../../../../core/nearest.ts'
import { ENGINE_KINDS } from '../../../../engines/engine-kinds.ts'

describe('config paths', () => {
  for (const text of ['node.http', 'workers[0].url', 'realms.$CHAT.models.aliases."gpt-4.1"', '"a b"[3]']) {
    it(`reads and writes ${text}`, () => {
      const path = parsePath(text)
      assert.ok(path !== undefined)
      assert.equal(formatPath(path), text)
    })
  }

  it('comes back the same for any keys', () => {
    const key = fc.oneof(fc.string({ minLength: 1, unit: fc.constantFrom(...'ab.$[]" \\-') }), fc.nat(99))
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), (path) => {
        assert.deepEqual(parsePath(formatPath(path)), path)
      }),
    )
  })
})

describe('sizes', () => {
  const rows = [
    ['512 MiB', 536_870_912],
    ['2GB', 2 ** 31],
    ['1.5k', 1536],
    ['100', 100],
    [4096, 4096],
    ['', undefined],
    ['-1', undefined],
    [-1, undefined],
    [1.5, undefined],
    ['10 parsecs', undefined],
    ['9999999999 TiB', undefined],
  ] as const
  for (const [text, bytes] of rows) {
    it(`${JSON.stringify(text)} is ${bytes === undefined ? 'none' : bytes}`, () => assert.equal(parseSize(text), bytes))
  }
})

describe('addresses', () => {
  it('takes HOST:PORT in every form that a gateway can have', () => {
    assert.deepEqual(parseHostPort('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
    assert.deepEqual(parseHostPort('[::1]:5000'), { host: '::1', port: 5000 })
    assert.deepEqual(parseHostPort('rig.local:65535'), { host: 'rig.local', port: 65_535 })
    for (const bad of ['', '5000', ':5000', 'a:', 'a:65536', '::1:5000', 'http://a:1', 'a b:1']) {
      assert.equal(parseHostPort(bad), undefined, bad)
    }
  })

  it('takes KIND=URL and drops slashes at the end', () => {
    assert.deepEqual(parseEngineAddress('ollama=http://h:1//'), { kind: 'ollama', url: 'http://h:1' })
    for (const bad of ['ollama', 'ollama=', 'ollama=h:1', '=http://h', 'OLLAMA=http://h', 'ollama=ftp://h']) {
      assert.equal(parseEngineAddress(bad), undefined, bad)
    }
  })
})

describe('schedules', () => {
  const everyDay = [0, 1, 2, 3, 4, 5, 6]
  const rows = [
    ['22:00-07:00', [{ days: everyDay, fromMinute: 1320, toMinute: 420 }]],
    ['Mon-Fri 18:00-08:00', [{ days: [1, 2, 3, 4, 5], fromMinute: 1080, toMinute: 480 }]],
    ['fri-mon 0:00-24:00', [{ days: [0, 1, 5, 6], fromMinute: 0, toMinute: 1440 }]],
    [
      'sat,sun; wed 12:00-13:30',
      [
        { days: [0, 6], fromMinute: 0, toMinute: 1440 },
        { days: [3], fromMinute: 720, toMinute: 810 },
      ],
    ],
    ['', undefined],
    ['always', undefined],
    ['25:00-26:00', undefined],
    ['10:60-11:00', undefined],
    ['10:00-10:00', undefined],
    ['mo 10:00-11:00', undefined],
    ['mon 10:00-11:00;', undefined],
  ] as const
  for (const [text, windows] of rows) {
    it(`${JSON.stringify(text)} ${windows === undefined ? 'is none' : 'is read'}`, () => {
      assert.deepEqual(parseSchedule(text), windows)
    })
  }
})

describe('the nearest word', () => {
  it('is found over case, dashes, and a third of wrong letters, but not further', () => {
    assert.equal(nearest('maxWorkers', ['min_workers', 'max_workers']), 'max_workers')
    assert.equal(nearest('stratgy', ['strategy', 'queue']), 'strategy')
    assert.equal(nearest('colour', ['strategy', 'queue']), undefined)
    assert.equal(nearest('x', []), undefined)
  })
})

describe('kinds of engines', () => {
  it('can be named in realms.yml whenever there is an adapter for them', () => {
    const rows: Readonly<Record<string, { readonly builtin: boolean }>> = ENGINE_KINDS
    const adapters = Object.keys(rows).filter((kind) => rows[kind]?.builtin === false)
    assert.deepEqual(
      adapters.filter((kind) => !(NAMEABLE_KINDS as readonly string[]).includes(kind)),
      [],
    )
  })
})
