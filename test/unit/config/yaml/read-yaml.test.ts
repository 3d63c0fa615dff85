import assert from 'node:assert/strict'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readYaml } from '../../../../config/yaml/read-yaml.ts'
import { volume } from '../../../support/volume.ts'

describe('readYaml', () => {
  it('knows where every key and value stands', () => {
    const { value, keys, values } = readYaml('node:\n  listen:\n    - a\n    - b\n  mdns: true\n')
    assert.deepEqual(value, { node: { listen: ['a', 'b'], mdns: true } })
    assert.deepEqual(keys.get('node.mdns'), { line: 5, column: 3 })
    assert.deepEqual(values.get('node.mdns'), { line: 5, column: 9 })
    assert.deepEqual(values.get('node.listen[1]'), { line: 4, column: 7 })
  })

  it('counts columns in a file with Windows line ends and a byte order mark', () => {
    const { value, keys } = readYaml('\uFEFFnode:\r\n  mdns: true\r\n')
    assert.deepEqual(value, { node: { mdns: true } })
    assert.deepEqual(keys.get('node.mdns'), { line: 2, column: 3 })
  })

  it('follows aliases to the anchor before them', () => {
    const { value, problems } = readYaml('a: &x [1]\nb: *x\nc: &x [2]\nd: *x\n')
    assert.deepEqual(problems, [])
    assert.deepEqual(value, { a: [1], b: [1], c: [2], d: [2] })
  })

  it('reads words of old YAML as text', () => {
    assert.deepEqual(readYaml('[yes, no, on, off, 0o17, 017, 1_000]').value, [
      'yes',
      'no',
      'on',
      'off',
      15,
      17,
      '1_000',
    ])
  })

  const hostile: Readonly<Record<string, string>> = {
    'a megabyte of brackets': '['.repeat(1_000_000),
    'a megabyte of braces': '{a: '.repeat(250_000),
    'a megabyte of dashes': '- '.repeat(500_000),
    'brackets over many lines': '[\n'.repeat(100_000),
    'a staircase of sections': Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    'an anchor inside itself': '&a [*a, *a, *a]',
    'sixty thousand keys': Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n'),
  }
  for (const [what, text] of Object.entries(hostile)) {
    it(`refuses ${what} and lives`, () => {
      const { problems } = readYaml(text)
      assert.ok(problems.length > 0)
    })
  }

  it('never throws, whatever the text', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'{}[]:,-?&*!|>\'"#%@ \n\tab0<=~.'), maxLength: 60 })
    fc.assert(
      fc.property(soup, (text) => {
        readYaml(text)
      }),
      { numRuns: volume(500, 50_000) },
    )
  })

  it('gives back what was written, for any plain value', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), tie('list'), tie('map')),
      list: fc.array(tie('tree'), { maxLength: 4 }),
      map: fc.dictionary(fc.stringMatching(/^[a-z$][a-z0-9_$]{0,8}$/), tie('tree'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const { value: read, problems } = readYaml(stringify({ root: value }))
        assert.deepEqual(problems, [])
        assert.deepEqual(read, { root: value })
      }),
      { numRuns: volume(100, 10_000) },
    )
  })

  it('cannot be used to reach prototypes', () => {
    const { problems } = readYaml('__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n')
    assert.equal(problems.length, 2)
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })
})
