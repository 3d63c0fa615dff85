/** The README's commands, run as they stand there: only ports and addresses are exchanged for free ones on loopback. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { COMMANDS } from '../../bin/command-table.ts'
import { CLI, eventually } from '../support/daemon.ts'
import { page, ROOT, testedBlocks } from '../support/markdown.ts'
import { skip } from '../support/skip.ts'
import { sparePort } from '../support/spare-port.ts'

const README = page('README.md')
const BLOCKS = testedBlocks(README)

/** What the README's reader has as defaults; here several tests share the machine. */
const ENVIRONMENT = {
  ...process.env,
  NO_COLOR: '1',
  REALMESH_NETWORK: `readme-${process.pid}`,
  REALMESH_NO_MDNS: '1',
  REALMESH_NO_DETECT: '1',
}
const FREE_PORTS = { REALMESH_HTTP: '127.0.0.1:0', REALMESH_LISTEN: '/ip4/127.0.0.1/tcp/0' }

interface Running {
  readonly child: ChildProcess
  output(): string
}

describe("the README's commands", () => {
  const running: Running[] = []
  let folder: string
  let engineUrl: string
  let gateway: string

  /** A block with the README's example addresses replaced by those of this run. */
  function block(name: string): string {
    const text = BLOCKS.get(name)
    assert.ok(text !== undefined, `the README has no block "${name}"`)
    return text.replaceAll('11500', new URL(engineUrl).port).replaceAll('http://127.0.0.1:5000', gateway)
  }

  function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { ...ENVIRONMENT, ...extra, PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` }
  }

  /** Runs a block in a shell, in a process group of its own, and waits for `sign` in its output. */
  async function start(name: string, sign: RegExp, extra?: NodeJS.ProcessEnv): Promise<Running> {
    const script = block(name).trim()
    // A single command takes the shell's place, so that its exit status is seen.
    const args = ['-c', script.includes('\n') ? script : `exec ${script}`]
    const child = spawn('sh', args, { cwd: folder, env: environment(extra), detached: true })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
    }
    const one = { child, output: () => text }
    running.push(one)
    await eventually(`${name} says ${sign}`, () => {
      assert.equal(child.exitCode, null, `${name} ended:\n${text}`)
      return sign.test(text)
    })
    return one
  }

  async function end({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    process.kill(-(child.pid ?? Number.NaN), signal)
    await exited
    return child.exitCode
  }

  async function run(script: string): Promise<{ stdout: string; stderr: string }> {
    return await promisify(execFile)('sh', ['-ec', script], { cwd: folder, env: environment() })
  }

  before(async function () {
    if (process.platform === 'win32') skip(this, 'the README is run by a POSIX shell')
    folder = mkdtempSync(join(tmpdir(), 'realmesh-readme-'))
    for (const name of ['node_modules', 'test']) symlinkSync(join(ROOT, name), join(folder, name))
    const shim = join(folder, 'bin', 'realmesh')
    await run(`mkdir -p bin`)
    writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`)
    chmodSync(shim, 0o755)
    engineUrl = `http://127.0.0.1:${await sparePort()}`
    gateway = 'http://127.0.0.1:1'
    await start('engine', /"event":"ready"/)
    const one = await start('one', /^next /m, FREE_PORTS)
    gateway = /programs\s+(http:\/\/127\.0\.0\.1:\d+)\/v1/.exec(one.output())?.[1] ?? assert.fail(one.output())
    await start('two', /^next /m)
    await run(block('join'))
  })

  after(async () => {
    await Promise.all(running.map((each) => end(each, 'SIGKILL')))
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  it('lets the second node answer with the engine of the first', async () => {
    await eventually('the second node knows the model', async () =>
      (await run('realmesh models --home two --json')).stdout.includes('"tiny"'),
    )
    const { stdout, stderr } = await run(block('ask'))
    assert.match(stdout, /home\s+loopback/)
    assert.match(stdout, /tiny\s+chat/)
    const first = JSON.parse((await run('realmesh status --home one --json')).stdout) as { peerId: string }
    assert.match(stderr, new RegExp(`node .*…${first.peerId.slice(-8)}.*tiny.*realmesh trace `))
    const id = /realmesh trace (?:--home \S+ )?(\S+?)\]/.exec(stderr)?.[1] ?? ''
    assert.match((await run(`realmesh trace ${id} --home two`)).stdout, /served/)
  })

  it('streams to curl', async function () {
    if (!(await has('curl'))) skip(this, 'curl is not installed')
    const { stdout } = await run(block('curl'))
    assert.match(stdout, /^data: \{.*"content":/m)
    assert.match(stdout, /^data: \[DONE\]/m)
  })

  it('streams to the openai package', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', block('openai')], {
      cwd: folder,
      env: environment(),
    })
    assert.ok(stdout.split(' ').length > 5, stdout)
  })

  it('runs a swarm, and ends it with Ctrl-C', async () => {
    const swarm = await start('swarm', /3 nodes are up/)
    assert.equal(swarm.output().match(/^node \d /gm)?.length, 3)
    assert.equal(await end(swarm, 'SIGINT'), 0)
  })
})

describe('the README', () => {
  it('names commands that exist, and leaves none of the first words out', () => {
    const table = /## Commands\n([\s\S]*?)\n## /.exec(README)?.[1] ?? ''
    const named = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    )
    const known = COMMANDS.map((command) => command.name)
    assert.deepEqual(
      named.filter((name) => !known.includes(name)),
      [],
    )
    const words = new Set(named.map((name) => name.split(' ')[0]))
    assert.deepEqual(
      known.filter((name) => name !== 'version' && !words.has(name.split(' ')[0])),
      [],
    )
  })
})

async function has(program: string): Promise<boolean> {
  return await promisify(execFile)(program, ['--version']).then(
    () => true,
    () => false,
  )
}
