/** An export as JSON text, piece by piece: the files in it may be larger than a text, or the memory, can be. */

/** A file whose content is read when its turn comes. */
interface WithContent {
  /** What stands beside the content. */
  readonly about: object
  readonly content: () => AsyncIterable<Buffer>
}

/** `exported` with its files, each with its content in base64. */
export async function* exportText(exported: { readonly files: readonly WithContent[] }): AsyncGenerator<string> {
  const { files, ...rest } = exported
  yield `${JSON.stringify(rest).slice(0, -1)},"files":[`
  for (const [index, { about, content }] of files.entries()) {
    yield `${index === 0 ? '' : ','}${JSON.stringify(about).slice(0, -1)},"content":"`
    yield* base64Of(content())
    yield '"}'
  }
  yield ']}'
}

/** Three bytes are four letters: what is left of a piece goes before the next. */
async function* base64Of(content: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let left: Buffer = Buffer.alloc(0)
  for await (const piece of content) {
    const bytes = left.length === 0 ? piece : Buffer.concat([left, piece])
    const whole = bytes.length - (bytes.length % 3)
    left = bytes.subarray(whole)
    yield bytes.toString('base64', 0, whole)
  }
  yield left.toString('base64')
}
