/** Batches over a scripted node and a clock that the test moves. */
import type { LineResult, UserBatch } from '../../core/batch/user-batch.ts'
import { NO_BATCH_USAGE } from '../../core/batch/user-batch.ts'
import { silentLogger } from '../../core/logger.ts'
import { KeyRing } from '../../gateway/door/credentials.ts'
import type { AnsweredLine, LineAsk } from '../../gateway/openai/batches/lines/answer-line.ts'
import type { BatchRunComponents } from '../../gateway/openai/batches/run/batch-run.ts'
import type { GatewayContext } from '../../gateway/request/gateway-context.ts'
import { FakeNode } from './fake-node.ts'
import { ManualClock } from './manual-clock.ts'
import { MemoryUsers } from './memory-records.ts'

/** What answers a line; begun or not is its own to say. */
export type AnswerScript = (ask: LineAsk) => Promise<AnsweredLine>

export const ANSWERED: AnsweredLine = { status: 200, body: '{}', usage: undefined }

export class BatchBench {
  readonly clock = new ManualClock()
  readonly node = new FakeNode()
  readonly asked: LineAsk[] = []
  answer: AnswerScript = async ({ onBegun }) => {
    onBegun()
    return ANSWERED
  }
  readonly components: BatchRunComponents
  #made = 0

  constructor() {
    this.node.kept = new MemoryUsers(() => this.clock.wall())
    const keys = new KeyRing({ keys: [], openWithoutKeys: true })
    const common = { log: silentLogger, clock: this.clock, version: 'test' }
    const context: GatewayContext = { ...common, node: this.node, keys }
    this.components = {
      context,
      answer: (ask) => {
        this.asked.push(ask)
        return this.answer(ask)
      },
      parse: async (bytes) => JSON.parse(bytes.toString()),
    }
  }

  /** A batch of so many lines, `a`, `b`, …, that was just made. */
  async make(lines: number, { user = 'ann', window = 3_600_000 } = {}): Promise<UserBatch> {
    this.#made += 1
    const id = `batch_${this.#made}`
    const at = this.clock.wall()
    await this.node.files.begin(user, { id: `in-${id}`, name: 'in', purpose: 'batch', at, expiresAt: at + 10 * window })
    const text = Array.from({ length: lines }, (_, n) => `${lineOf(n)}\n`).join('')
    await this.node.files.append(user, `in-${id}`, Buffer.from(text))
    await this.node.files.finish(user, `in-${id}`)
    const batch: UserBatch = {
      id,
      endpoint: '/v1/x',
      window: '1h',
      inputFile: `in-${id}`,
      outputFile: `out-${id}`,
      errorFile: `err-${id}`,
      at,
      expiresAt: at + window,
      status: 'validating',
      times: { validating: at },
      total: 0,
      completed: 0,
      failed: 0,
      usage: NO_BATCH_USAGE,
    }
    await this.node.batches.create(user, batch)
    return batch
  }

  /** The custom ids and codes in the output, or in the error file, of a batch. */
  async results(id: string, user = 'ann'): Promise<(readonly [string, number | string])[]> {
    let text = ''
    for await (const piece of this.node.files.content(user, id)) text += piece.toString()
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.map((line) => {
      const { custom_id, response, error } = JSON.parse(line)
      return [custom_id, response?.status_code ?? error.code] as const
    })
  }
}

function lineOf(n: number): string {
  return JSON.stringify({ custom_id: String.fromCharCode(97 + n), method: 'POST', url: '/v1/x', body: { n } })
}

/** A result of line `line`, as an earlier process wrote it. */
export function earlier(line: number): LineResult {
  return { line, failed: false, text: `{"custom_id":"before-${line}","response":{"status_code":200}}\n` }
}
