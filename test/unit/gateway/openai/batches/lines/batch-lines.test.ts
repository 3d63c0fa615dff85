import assert from 'node:assert/strict'
import fc from 'fast-check'
import { linesOf, MAX_BATCH_LINE_BYTES } from '../../../../../../gateway/openai/batches/lines/batch-lines.ts'

async function* pieces(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text as string)
}

async function read(content: AsyncIterable<Buffer>): Promise<(readonly [number, string])[]> {
  const lines: (readonly [number, string])[] = []
  for await (const { index, bytes } of linesOf(content)) lines.push([index, bytes.toString()])
  return lines
}

describe('the lines of a file', () => {
  it('are the same however the file is cut', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '{', ' ', '\r', '"'), maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.nat(12), async (texts, size) => {
        const bytes = Buffer.from(texts.join('\n'))
        const cut: Buffer[] = []
        for (let at = 0; at < bytes.length; at += size + 1) cut.push(bytes.subarray(at, at + size + 1))
        const expected = texts.map((text, index) => [index, text] as const).filter(([, text]) => /[^ \r\t]/.test(text))
        assert.deepEqual(await read(pieces(...cut)), expected)
      }),
    )
  })

  it('need no line feed at the end, and empty ones count without being told', async () => {
    assert.deepEqual(await read(pieces('a\n\n \r\nb')), [
      [0, 'a'],
      [3, 'b'],
    ])
  })

  it('are refused where one is too long, before all of it is there', async () => {
    const endless = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('short\n')
      for (;;) yield Buffer.alloc(1024 * 1024, 'x')
    }
    await assert.rejects(read(endless()), { code: 'PROMPT_TOO_LARGE', message: /^line 2 / })
    assert.equal((await read(pieces(Buffer.alloc(MAX_BATCH_LINE_BYTES, 'x'), '\n'))).length, 1)
    await assert.rejects(read(pieces(`${'x'.repeat(MAX_BATCH_LINE_BYTES + 1)}\n`)), { code: 'PROMPT_TOO_LARGE' })
  })
})
