/**
 * A client as a process of its own: reads the stream of a response and prints the number of each event and the text that
 * it brought, as one line of JSON each: `stream-child.ts URL BODY`.
 */
import process from 'node:process'

const [url = '', body = ''] = process.argv.slice(2)
const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
if (response.body === null) throw new Error(`no stream: ${response.status}`)
let text = ''
for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
  text += piece
  for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
    const data = /^data: (\{.*)$/m.exec(text.slice(0, end))?.[1]
    text = text.slice(end + 2)
    if (data === undefined) continue
    const { sequence_number: number, response: { id } = {}, delta = '' } = JSON.parse(data)
    process.stdout.write(`${JSON.stringify({ number, id, delta })}\n`)
  }
}
