import assert from 'node:assert/strict'
import fc from 'fast-check'
import { exportText } from '../../../../gateway/admin/export-text.ts'

describe('an export as text', () => {
  it('is JSON, with every byte of every file, however its content is cut', async () => {
    const cut = fc.array(fc.uint8Array({ maxLength: 7 }))
    await fc.assert(
      fc.asyncProperty(fc.array(cut), async (contents) => {
        const files = contents.map((pieces, id) => ({
          about: { id },
          content: async function* () {
            for (const piece of pieces) yield Buffer.from(piece)
          },
        }))
        let text = ''
        for await (const piece of exportText({ format: 'f', files } as { files: typeof files })) text += piece
        const read = JSON.parse(text) as { format: string; files: { id: number; content: string }[] }
        assert.equal(read.format, 'f')
        assert.deepEqual(
          read.files.map(({ id, content }) => [id, content]),
          contents.map((pieces, id) => [id, Buffer.concat(pieces).toString('base64')]),
        )
      }),
    )
  })
})
