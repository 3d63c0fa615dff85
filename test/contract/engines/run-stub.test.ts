import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { OllamaEngine } from '../../../engines/ollama/ollama.ts'
import { collect, textOf } from '../../support/collect.ts'
import { stubTokens } from '../../support/engines/stub-answer.ts'
import { chatQuery } from '../../support/query.ts'

const FILE = fileURLToPath(new URL('../../support/engines/run-stub.ts', import.meta.url))

describe('a stub engine as a process', () => {
  it('says in one line where it listens, takes knobs as flags, shows its journal and ends on SIGTERM', async () => {
    const args = ['--import', 'tsx', FILE, '--kind', 'ollama', '--tokens', '5', '--models', 'small,other']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      const ready = JSON.parse(line) as { event: string; kind: string; url: string; pid: number }
      assert.deepEqual([ready.event, ready.kind, ready.pid], ['ready', 'ollama', child.pid])
      const engine = new OllamaEngine({ url: ready.url })
      const query = chatQuery({ model: 'small' })
      const text = textOf(await collect(engine.run(query, { signal: new AbortController().signal })))
      const messages = [{ role: 'user', text: 'hello', images: 0 }]
      assert.equal(text, stubTokens({ model: 'small', messages, seed: 0 }, 5).join(''))
      await engine.close()
      const journal = (await (await fetch(`${ready.url}/__journal`)).json()) as { event: string }[]
      assert.deepEqual(
        journal.map((entry) => entry.event),
        ['start', 'load', 'end'],
      )
    } finally {
      child.kill('SIGTERM')
    }
    assert.deepEqual(await exited, [0, null])
  })
})
