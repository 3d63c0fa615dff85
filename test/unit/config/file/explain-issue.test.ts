import assert from 'node:assert/strict'
import { type Complaint, explainIssue } from '../../../../config/file/explain-issue.ts'
import { fileSchema } from '../../../../config/schema/file-schema.ts'
import { valueAt } from '../../../../core/json/value-at.ts'

/** The complaints about a file of these values. */
function complaintsOf(values: object): readonly Complaint[] {
  const { error } = fileSchema.safeParse(values)
  return (error?.issues ?? []).flatMap((issue) => {
    return explainIssue(issue, valueAt(values, issue.path as (string | number)[]))
  })
}

describe('explainIssue', () => {
  const rows: readonly (readonly [values: object, message: string, hint: string])[] = [
    [{ node: { scope: 'publc' } }, '"publc": expected one of local, home, friends, public', 'did you mean public?'],
    [{ node: { mdns: 'no' } }, 'expected true or false, got "no"', 'write false'],
    [{ node: { listen: 'x' } }, 'expected a list, got "x"', 'write a list: [a, b], or one "- item" per line'],
    [{ node: { http: '5000' } }, '"5000": expected HOST:PORT', 'write it like 127.0.0.1:5000'],
    [{ user_data: { keep_days: Number.NaN } }, 'expected a number, got NaN', 'write digits'],
    [{ node: 7 }, 'expected a section of keys, got 7', 'write its keys on lines of their own, indented'],
    [{ workers: [{}] }, 'missing: expected text', 'add the key name'],
    [{ user_data: { reserve: 'lots' } }, '"lots": expected bytes, or a size', 'write it like 512 MiB'],
    [{ realms: { chat: {} } }, 'expected a realm name: $ and upper-case letters, digits or _', 'write it as $CHAT'],
    [{ node: { htpp: 'x' } }, 'unknown key', 'did you mean http?'],
  ]
  for (const [values, message, hint] of rows) {
    it(`says of ${JSON.stringify(values)}: ${message}`, () => {
      const [first] = complaintsOf(values)
      assert.deepEqual([first?.message, first?.hint], [message, hint])
    })
  }

  it('does not repeat what may be a secret', () => {
    const worker = { name: 'a', engine: 'openai', url: 'http://h', key_env: 'sk-very-secret' }
    const [complaint] = complaintsOf({ workers: [worker] })
    assert.doesNotMatch(JSON.stringify(complaint), /secret/)
    assert.match(complaint?.message ?? '', /not the key itself/)
  })

  it('gives a multiaddr its own code', () => {
    const [complaint] = complaintsOf({ node: { bootstrap: ['/ip4/1.2.3.4'] } })
    assert.equal(complaint?.code, 'BAD_MULTIADDR')
  })

  it('tells what is missing, and which key an unknown one was meant to be, in fields', () => {
    const complaints = complaintsOf({ workers: [{ name: 'a', engin: 'ollama' }] })
    assert.deepEqual(
      complaints.map(({ missing, meant }) => [missing, meant]),
      [
        [true, undefined],
        [undefined, 'engine'],
      ],
    )
  })
})
