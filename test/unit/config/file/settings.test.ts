import assert from 'node:assert/strict'
import { knownVariables, overlays, SETTINGS, unknownVariables } from '../../../../config/file/settings.ts'
import { fileSchema } from '../../../../config/schema/file-schema.ts'

const valuesOf = (flags: Parameters<typeof overlays>[0], env: Parameters<typeof overlays>[1] = {}) =>
  overlays(flags, env).map(({ path, value, where }) => [path.join('.'), value, where])

describe('settings', () => {
  it('have a name, a flag and a variable each, and no two the same', () => {
    for (const pick of [(s: (typeof SETTINGS)[number]) => s.name, (s: (typeof SETTINGS)[number]) => s.env]) {
      assert.equal(new Set(SETTINGS.map(pick)).size, SETTINGS.length)
    }
    assert.deepEqual(
      SETTINGS.filter(({ text }) => text === ''),
      [],
    )
  })

  it('are keys of the schema', () => {
    const known = Object.keys(fileSchema.parse({}).node)
    const optional = ['name', 'swarm_key', 'federation_key', 'federation_label', 'api_key_file', 'tls_cert', 'tls_key']
    for (const { path } of SETTINGS) assert.ok([...known, ...optional].includes(String(path[1])), String(path[1]))
  })

  it('lie over the file in order: variables, then flags', () => {
    assert.deepEqual(valuesOf({ scope: 'local' }, { REALMESH_SCOPE: 'public', REALMESH_SHARE: 'friends' }), [
      ['node.scope', 'public', 'REALMESH_SCOPE'],
      ['node.share', 'friends', 'REALMESH_SHARE'],
      ['node.scope', 'local', '--scope'],
    ])
  })

  it('read lists parted by commas or blanks from a variable, and as they are from flags', () => {
    assert.deepEqual(valuesOf({}, { REALMESH_LISTEN: '/ip4/1.1.1.1/tcp/1, /ip4/2.2.2.2/tcp/2' })[0]?.[1], [
      '/ip4/1.1.1.1/tcp/1',
      '/ip4/2.2.2.2/tcp/2',
    ])
    assert.deepEqual(valuesOf({ engine: ['a=b', 'c=d'] })[0]?.[1], ['a=b', 'c=d'])
  })

  const words: readonly (readonly [word: string, value: unknown])[] = [
    ['1', false],
    ['Yes', false],
    ['0', undefined],
    ['off', undefined],
    ['maybe', 'maybe'],
  ]
  for (const [word, value] of words) {
    it(`take ${word} of a switch for ${value === undefined ? 'absent' : String(value)}`, () => {
      const [overlay] = valuesOf({}, { REALMESH_NO_MDNS: word })
      assert.equal(overlay?.[1], value)
    })
  }

  it('know which variables are ours', () => {
    assert.deepEqual(unknownVariables({ REALMESH_HTTP: '', REALMESH_HOME: '', REALMESH_HTPP: '', PATH: '' }), [
      'REALMESH_HTPP',
    ])
    assert.ok(knownVariables().includes('REALMESH_NO_DETECT'))
  })
})
