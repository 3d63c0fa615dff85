/**
 * llama-server closes the connection after each streamed answer and says nothing of it, so the FIN may come when the
 * next query is on its way.
 */
import assert from 'node:assert/strict'
import { OpenAiEngine } from '../../../engines/openai/openai-compatible.ts'
import { collect, textOf } from '../../support/collect.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import { chatQuery } from '../../support/query.ts'
import { volume } from '../../support/volume.ts'

describe('an engine that closes each connection after a streamed answer', () => {
  const never = new AbortController().signal

  // As a nameless server it is not known to close them, and every query meets a connection that is about to go.
  for (const kind of ['llama-server', 'openai'] as const) {
    for (const finMs of [0, 3]) {
      it(`fails no query and no probe when its FIN comes ${finMs} ms late, known as ${kind}`, async () => {
        const stub = await startStub('llama-server', { finMs, tokens: 2 })
        const engine = new OpenAiEngine({ kind, url: stub.url })
        try {
          for (let i = 0; i < volume(50, 1_000); i += 1) {
            const [events] = await Promise.all([
              collect(engine.run(chatQuery(), { signal: never })),
              engine.probe({ signal: never }),
            ])
            assert.ok(textOf(events).length > 0)
            await engine.probe({ signal: never })
          }
        } finally {
          await engine.close()
          await stub.stop()
        }
      })
    }
  }
})
