import assert from 'node:assert/strict'
import { readYaml } from '../../../../config/yaml/read-yaml.ts'

/** Each text has one fault, told once, where it is mended. */
const FAULTS: readonly (readonly [text: string, place: string, message: RegExp, hint: RegExp])[] = [
  ['workers:\n  - name: a\n    url: x\n - name: b\n', '4:2', /indented by 1, .* are by 2/, /same indent/],
  ['workers:\n  - name: a\n     url: x\n    engine: o\n', '3:6', /indented by 5, .* are by 4/, /same indent/],
  ['node:\n  http: a\n   scope: home\n', '3:4', /indented by 3, .* are by 2/, /same indent/],
  ['node:\n    http: a\n   scope: home\n', '3:4', /indented by 3, .* are by 4/, /same indent/],
  ["node:\n  label: 'it\n  scope: home\n", '2:10', /quote ' is not closed/, /with '/],
  ['node: {a: 1\n', '1:7', /bracket { is not closed/, /with }/],
  ['a: "x"\nb: [y\n', '2:4', /bracket \[ is not closed/, /with \]/],
  ['node:\n  scope:home\n  http: a\n', '2:3', /no colon/, /a colon and a space/],
  ['node\n  scope: home\n', '1:1', /no colon/, /a colon and a space/],
  ['a: 1\n-b\n', '2:1', /no blank behind the dash/, /blank behind the dash/],
  ['node:\n  http: a: b\n', '2:9', /second colon/, /quotes/],
  ['a: "C:\\dir"\n', '1:7', /mean nothing/, /single quotes/],
  ['a: "x" y\n', '1:8', /does not belong here/, /remove it/],
]

describe('faults in the form of a YAML text', () => {
  for (const [text, place, message, hint] of FAULTS) {
    it(`${JSON.stringify(text)} is wrong at ${place}`, () => {
      const [fault, ...echoes] = readYaml(text).problems
      assert.deepEqual([`${fault?.at.line}:${fault?.at.column}`, echoes], [place, []])
      assert.match(fault?.message ?? '', message)
      assert.match(fault?.hint ?? '', hint)
    })
  }

  it('is not looked for in the indents of texts that may have any', () => {
    assert.deepEqual(readYaml('a: |\n   x\n     y\nb: 1\n').problems, [])
  })
})
