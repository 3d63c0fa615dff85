/** OpenAI's Codex at the daemon that has no engine, where the command is installed: it speaks Responses only. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { findProgram } from '../support/real/real-process.ts'
import { leftOut } from '../support/skip.ts'
import { type Federation, MODELS } from './federation.ts'

const PROGRAM = findProgram('REALMESH_CODEX', 'codex')

/** `missing`: why the federation does not run here. */
export function codexCommandSuite(
  federation: Pick<Federation, 'base' | 'lastAnswer'>,
  missing: string | undefined,
): void {
  const reason = PROGRAM === undefined ? 'it is not installed (REALMESH_CODEX names its program)' : missing
  if (reason !== undefined) {
    leftOut('the codex command', reason)
    return
  }
  describe('the codex command', () => {
    const folder = mkdtempSync(join(tmpdir(), 'realmesh-codex-'))
    const home = join(folder, 'home')
    const work = join(folder, 'work')
    after(() => rmSync(folder, { recursive: true, force: true }))

    /** Settings as people write them, with `more` for the provider. */
    const configure = (more = ''): void => {
      for (const path of [home, work]) mkdirSync(path, { recursive: true })
      const provider = `[model_providers.mesh]\nname = "mesh"\nbase_url = "${federation.base}"\nwire_api = "responses"\n${more}`
      writeFileSync(join(home, 'config.toml'), `model = "${MODELS.able}"\nmodel_provider = "mesh"\n${provider}`)
    }

    for (const [way, more] of [
      ['over HTTP', ''],
      ['over a WebSocket', 'supports_websockets = true\n'],
    ] as const) {
      it(`calls its tools, tells of their results, and says what the engine says, ${way}`, async () => {
        configure(more)
        const child = spawn(
          PROGRAM ?? 'codex',
          ['exec', '--skip-git-repo-check', '-s', 'read-only', 'How is it there?'],
          {
            cwd: work,
            env: { ...process.env, CODEX_HOME: home, NO_COLOR: '1' },
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        )
        const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
        assert.equal(child.exitCode, 0, error)
        assert.equal(out.trim(), federation.lastAnswer().trim())
      })
    }
  })
}
