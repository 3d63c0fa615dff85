import assert from 'node:assert/strict'
import { checkConfig } from '../../../../config/file/check-config.ts'

/** The problems of a text, as `path: message`. */
function problemsOf(text: string): readonly string[] {
  const checked = checkConfig(text, 'f.yml')
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path}: ${message}`)
}

describe('checkConfig', () => {
  it('knows where each value came from', () => {
    const layer = { path: ['node', 'share'], value: 'friends', source: 'flag', where: '--share' } as const
    const checked = checkConfig('node:\n  scope: public\n  share: home\n', 'f.yml', [layer])
    assert.ok(checked.ok)
    const from = (path: string) => checked.origins.get(path)
    assert.deepEqual(from('node.scope'), { source: 'file', where: 'f.yml:2:3' })
    assert.deepEqual(from('node.share'), { source: 'flag', where: '--share' })
    assert.deepEqual(from('node.mdns'), { source: 'default', where: '' })
    assert.equal(checked.file.node.share, 'friends')
  })

  it('tells a mistyped key once, and not that the right one is missing', () => {
    assert.deepEqual(problemsOf('workers:\n  - name: a\n    engin: ollama\n    url: http://h\n'), [
      'workers[0].engin: unknown key',
    ])
  })

  it('tells problems in the order of the file', () => {
    const text = 'node:\n  scope: x\n  share: y\nfederation_id: "a b"\n'
    assert.deepEqual(
      problemsOf(text).map((problem) => problem.split(':')[0]),
      ['node.scope', 'node.share', 'federation_id'],
    )
  })

  it('tells no more than fifty of them', () => {
    const text = `workers:\n${'  - {}\n'.repeat(60)}`
    assert.equal(problemsOf(text).length, 50)
  })

  it('checks what keys mean to each other once the schema is content', () => {
    assert.deepEqual(problemsOf('realms:\n  $CHAT:\n    primary_query_type: chat\n    backup_realms: [$CHATT]\n'), [
      'realms.$CHAT.backup_realms[0]: there is no realm $CHATT',
    ])
  })
})
