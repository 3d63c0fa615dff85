import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GuideEngine, guideAnswer } from '../../../../engines/builtin/guide.ts'
import { packageRoot, passagesOf } from '../../../../engines/builtin/guide-index.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

const never = new AbortController().signal

function question(content: string, maxTokens?: number): ReturnType<typeof chatQuery> {
  return chatQuery({
    model: 'builtin/guide',
    body: { messages: [{ role: 'user', content }], ...(maxTokens === undefined ? {} : { sampling: { maxTokens } }) },
  })
}

describe('the built-in guide', () => {
  let root: string
  let guide: GuideEngine

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'realmesh-guide-'))
    mkdirSync(join(root, 'docs', 'deep'), { recursive: true })
    writeFileSync(
      join(root, 'README.md'),
      '# realmesh\n\nA daemon.\n\n## Scopes\n\nA query stays `home` unless you widen it.\n',
    )
    writeFileSync(join(root, 'docs', 'deep', 'engines.md'), '# Engines\n\nOllama listens on port 11434.\n')
    guide = new GuideEngine({ root })
  })

  after(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('is one model, named as what it is', async () => {
    const models = await guide.models()
    assert.deepEqual(
      models.map(({ name, types }) => [name, types]),
      [['builtin/guide', ['chat']]],
    )
  })

  it('quotes the passage that fits, names its page, and says that it is no language model', async () => {
    const events = await collect(guide.run(question('which port does ollama listen on?'), { signal: never }))
    assert.match(textOf(events), /not a language model/)
    assert.match(textOf(events), /Ollama listens on port 11434/)
    const end = events.at(-1)
    assert.ok(end?.kind === 'end')
    assert.equal(end.sources?.[0], 'docs/deep/engines.md')
  })

  it('streams word by word', async () => {
    const events = await collect(guide.run(question('scopes'), { signal: never }))
    assert.ok(events.filter((event) => event.kind === 'text').length > 20)
  })

  it('says so when the documentation has nothing', async () => {
    const events = await collect(guide.run(question('zzzzqqq'), { signal: never }))
    assert.match(textOf(events), /says nothing about that.*engine such as Ollama.*join nodes/)
    const end = events.at(-1)
    assert.deepEqual(end?.kind === 'end' && end.sources, [])
  })

  it('keeps to the limit on the answer', async () => {
    const events = await collect(guide.run(question('scopes', 4), { signal: never }))
    assert.equal(events.length, 5)
    const end = events.at(-1)
    assert.equal(end?.kind === 'end' && end.finishReason, 'length')
  })

  it('stops when cancelled', async () => {
    const cancel = new AbortController()
    const seen: string[] = []
    await assert.rejects(
      async () => {
        for await (const event of guide.run(question('scopes'), { signal: cancel.signal })) {
          seen.push(event.kind)
          cancel.abort()
        }
      },
      { code: 'CANCELLED' },
    )
    assert.deepEqual(seen, ['text'])
  })

  it('refuses images and tools', async () => {
    const query = chatQuery({ model: 'builtin/guide', body: { messages: [], tools: [{ name: 'x' }] } })
    await assert.rejects(collect(guide.run(query, { signal: never })), { code: 'CAPABILITY_MISSING' })
  })

  it('finds the package from the sources and from dist/', () => {
    assert.ok(existsSync(join(packageRoot(), 'package.json')))
    assert.equal(packageRoot(join(packageRoot(), 'dist', 'workers', 'engines', 'guide-index.js')), packageRoot())
  })

  it('cuts a long passage at a word and closes its code block', () => {
    const text = `Run:\n\n\`\`\`sh\n${'command '.repeat(200)}\n\`\`\``
    assert.match(guideAnswer([{ id: 0, page: 'p.md', heading: 'H', text }]), / command\n```\n…$/)
  })

  it('leaves out diagrams and comments, which nobody can read as text', () => {
    const page = '# A\n\nbefore\n\n```mermaid\nflowchart LR\n```\n\n<!-- tested: x -->\n```sh\nls\n```'
    const [passage] = passagesOf('p.md', page)
    assert.match(passage?.text ?? '', /^before\s+```sh\nls\n```$/)
  })

  it('cuts a page at its headings and not inside a fence', () => {
    const page = '# A\n\nintro\n\n## B\n\n```sh\n# not a heading\n```\n\n# C\n\nend'
    assert.deepEqual(
      passagesOf('p.md', page).map(({ heading, text }) => [heading, text]),
      [
        ['A', 'intro'],
        ['A > B', '```sh\n# not a heading\n```'],
        ['C', 'end'],
      ],
    )
  })
})
