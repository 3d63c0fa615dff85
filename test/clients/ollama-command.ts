/** Ollama's own command at the daemon that has no engine, where the command is installed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { findProgram } from '../support/real/real-process.ts'
import { leftOut } from '../support/skip.ts'
import { type Federation, MODELS } from './federation.ts'

const PROGRAM = findProgram('REALMESH_OLLAMA', 'ollama')

interface Said {
  readonly status: number | null
  readonly out: string
  readonly error: string
}

/** `missing`: why the federation does not run here. */
export function ollamaCommandSuite(federation: Federation, missing: string | undefined): void {
  const reason = PROGRAM === undefined ? 'it is not installed (REALMESH_OLLAMA names its program)' : missing
  if (reason !== undefined) {
    leftOut('the ollama command', reason)
    return
  }
  describe('the ollama command', () => {
    let home = ''
    before(() => {
      home = mkdtempSync(join(tmpdir(), 'realmesh-ollama-home-'))
    })
    after(() => rmSync(home, { recursive: true, force: true }))

    /** Its input is empty, so that it asks nobody. */
    async function ollama(...args: readonly string[]): Promise<Said> {
      const env = { ...process.env, HOME: home, OLLAMA_HOST: new URL(federation.base).origin, NO_COLOR: '1' }
      const child = spawn(PROGRAM ?? 'ollama', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
      const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
      return { status: child.exitCode, out, error }
    }

    it('lists the models of the swarm', async () => {
      const { status, out, error } = await ollama('ls')
      assert.equal(status, 0, error)
      for (const model of Object.values(MODELS)) assert.ok(out.includes(model), out)
    })

    it('runs a model, and says what the engine itself says', async () => {
      const prompt = 'Write two short sentences about the sea.'
      const { status, out, error } = await ollama('run', MODELS.able, prompt)
      assert.equal(status, 0, error)
      assert.ok(out.includes(federation.lastAnswer().trim()), out)
      const real = await ollama('run', MODELS.chat, 'Say yes.')
      assert.equal(real.status, 0, real.error)
      assert.notEqual(real.out.trim(), '')
    })

    it('lists what is in memory, and shows a model', async () => {
      const { status, out, error } = await ollama('ps')
      assert.equal(status, 0, error)
      assert.ok(out.includes(MODELS.chat), out)
      assert.match((await ollama('show', MODELS.chat)).out, /completion/)
    })

    it('is told what to do instead of pulling', async () => {
      const { status, error } = await ollama('run', 'acme/nowhere:1b', 'hello')
      assert.notEqual(status, 0)
      assert.match(error, /nothing is pulled through the mesh/)
    })
  })
}
