import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm, type Rig } from '../support/daemon-swarm.ts'

const TOKENS = 60
const CLIENT = fileURLToPath(new URL('../support/stream-child.ts', import.meta.url))

/** An event of a response as the client process tells it. */
interface Told {
  readonly number: number
  readonly id?: string
  readonly delta: string
}

/** Starts a client process that streams a response in the background, and kills it when it has so many characters. */
async function readAndDie(url: string, input: string, length: number): Promise<readonly Told[]> {
  const body = JSON.stringify({ model: 'tiny', input, background: true, stream: true })
  const child = spawn(process.execPath, ['--import=tsx', CLIENT, `${url}/v1/responses`, body], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const told: Told[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(JSON.parse(line) as Told)
    if (textOf(told).length >= length) break
  }
  child.kill('SIGKILL')
  await once(child, 'exit')
  return told
}

function textOf(told: readonly Told[]): string {
  return told.map(({ delta }) => delta).join('')
}

describe('a response in the background', () => {
  const swarm = new DaemonSwarm({ tokens: TOKENS })

  /** A home whose users keep history. */
  const keepingHome = (): string => {
    const home = swarm.harness.home()
    appendFileSync(join(home, 'realms.yml'), '  history: true\n')
    return home
  }

  before(() => {
    const knobs = { tokenMs: 5 } // or the words would come in one piece
    const rigs = [{ kind: 'ollama', knobs } as const, { kind: 'llama-server', knobs } as const]
    return swarm.start(rigs, { home: keepingHome() })
  })
  after(() => swarm.stop())

  /** Every engine stops behind so many words of an answer; -1: none does. */
  const pauseAfter = (words: number): void => {
    for (const { stub } of swarm.rigs) {
      stub.knobs = { ...stub.knobs, pauseAfter: words }
      stub.release()
    }
  }
  const started = ({ stub }: Rig): number => stub.journal.count('start')
  const client = (url: string): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-none', maxRetries: 0 })

  it('is read whole by starting_after when its client, the gateway and the serving rig are killed one after another', async () => {
    const content = swarm.mark('responses')
    pauseAfter(20)
    const had = await readAndDie(swarm.asker.http, content, 40)
    const id = had[0]?.id ?? assert.fail('the first event names the response')

    const home = swarm.asker.home
    const known = swarm.rigs.map(({ daemon }) => daemon.addresses[0] ?? '')
    await swarm.asker.stop('SIGKILL')
    const before = swarm.rigs.map(started)
    pauseAfter(15)
    const again = await swarm.harness.up(['--no-builtin', ...known.flatMap((address) => ['--bootstrap', address])], {
      home,
    })

    // Taken up by itself: nothing has asked for it yet.
    const serving = await eventually('a rig goes on with it', () =>
      swarm.rigs.find((rig, at) => started(rig) > (before[at] ?? 0)),
    )
    const stream = await client(again.http).responses.retrieve(id, {
      stream: true,
      starting_after: had.at(-1)?.number ?? -1,
    })
    const rest: Told[] = []
    let struck = false
    for await (const event of stream) {
      const delta = event.type === 'response.output_text.delta' ? event.delta : ''
      rest.push({ number: event.sequence_number, delta })
      if (struck || textOf(rest).length < 40) continue
      struck = true
      serving.daemon.child.kill('SIGKILL')
      pauseAfter(-1)
    }
    const all = [...had, ...rest]
    const text = textOf(all)
    assert.ok(struck, 'the serving rig was killed while it answered')
    assert.equal(text, swarm.expected(content))
    assert.deepEqual(
      all.map(({ number }) => number),
      all.map((_, index) => index),
    )
    const whole = await client(again.http).responses.retrieve(id)
    assert.deepEqual([whole.status, whole.output_text], ['completed', text])
    await again.stop()
  })

  it('leaves nothing on the disk with store: false, neither of what was asked nor of the answer', async () => {
    const { stub } = await swarm.addRig()
    const asker = await swarm.harness.up(['--no-builtin', '--engine', `ollama=${stub.url}`], { home: keepingHome() })
    const ask = async (input: string, store: boolean): Promise<string> =>
      (await client(asker.http).responses.create({ model: 'tiny', input, store })).output_text
    const texts = [await ask('a question that is kept', true), await ask('one that is forgotten', false)]
    await asker.stop()
    const files = readdirSync(asker.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const disk = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('\n')
    const found = ['a question that is kept', texts[0] ?? '', 'one that is forgotten', texts[1] ?? ''].map((text) =>
      disk.includes(text.slice(0, 24)),
    )
    assert.deepEqual(found, [true, true, false, false])
  })
})
