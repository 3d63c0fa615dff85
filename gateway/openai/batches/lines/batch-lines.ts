/** The lines of a file of JSON, one after the other, with no more of the file in memory than one of them. */
import { RealmeshError } from '../../../../core/realmesh-error.ts'

/** Longest line, bytes: a conversation with a picture or two. */
export const MAX_BATCH_LINE_BYTES = 4 * 1024 * 1024

const LINE_FEED = 10

export interface BatchLine {
  /** From 0; empty lines count, and are left out. */
  readonly index: number
  readonly bytes: Buffer
}

/** Throws `PROMPT_TOO_LARGE` at a line that is too long. */
export async function* linesOf(content: AsyncIterable<Buffer>): AsyncGenerator<BatchLine> {
  let held: Buffer[] = []
  let length = 0
  let index = 0
  const take = (last: Buffer): BatchLine => {
    const bytes = held.length === 0 ? last : Buffer.concat([...held, last])
    held = []
    length = 0
    index += 1
    return { index: index - 1, bytes }
  }
  for await (const piece of content) {
    let from = 0
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      assertShort(length + end - from, index)
      const line = take(piece.subarray(from, end))
      if (!isBlank(line.bytes)) yield line
      from = end + 1
    }
    if (from === piece.length) continue
    held.push(piece.subarray(from))
    length += piece.length - from
    assertShort(length, index)
  }
  if (length === 0) return
  const line = take(Buffer.alloc(0))
  if (!isBlank(line.bytes)) yield line
}

function assertShort(length: number, index: number): void {
  if (length <= MAX_BATCH_LINE_BYTES) return
  throw new RealmeshError('PROMPT_TOO_LARGE', `line ${index + 1} is longer than ${MAX_BATCH_LINE_BYTES} bytes`, {
    fix: 'ask for less in one line, or send smaller pictures',
  })
}

/** Space, tabs and carriage returns. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)
}
