/** A stub of the stock RENT-A-HAL worker: one JSON answer, a redirect to the trailing slash, no cancel. */
import { stubTokens } from './stub-answer.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { clientGone, type StubRoute, type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

const predict: StubRoute = async ({ path, body }, response, stub) => {
  if (typeof body['prompt'] !== 'string') {
    const detail = [{ type: 'missing', loc: ['body', 'prompt'], msg: 'Field required', input: body }]
    return sendJson(response, 422, { detail })
  }
  const { number, fails } = stub.nextQuery()
  const model = String(body['model_name'])
  stub.journal.write({ event: 'start', query: number, path, model, body })
  const { fail } = stub.knobs
  const gone = clientGone(response)
  let left = false
  void gone.then(() => {
    left = true
    stub.journal.write({ event: 'cancel', query: number, model })
  })
  await stub.loadModel(model, number)
  if (fails && fail === 'hang') await gone
  if (left) return
  if (fails && fail !== 'hang') {
    stub.journal.write({ event: 'fail', query: number, model })
    if (fail === 'garbage') return sendText(response, 200, '<html>gradio</html>', 'text/html')
    if (fail === 'busy') return sendJson(response, 503, { detail: 'busy' })
    return sendJson(response, 500, { detail: 'CUDA out of memory\u0007' })
  }
  const messages = [{ role: 'user', text: body['prompt'], images: 0 }]
  const answer = JSON.stringify({ response: stubTokens({ model, messages, seed: 0 }, stub.knobs.tokens).join('') })
  response.writeHead(200, { 'content-type': 'application/json' })
  await stub.write(response, answer)
  response.end()
  stub.journal.write({ event: 'end', query: number, model })
}

const health: StubRoutes = {
  'GET /health': (_request, response) => sendJson(response, 200, { status: 'healthy' }),
}

/** The stock worker, or an older one that answers at `/predict` and redirects the slash away; call `start()`. */
export function rentAHalStub(knobs: Partial<StubKnobs> = {}, { slash = true } = {}): StubServer {
  const [here, there] = slash ? ['/predict/', '/predict'] : ['/predict', '/predict/']
  const redirect: StubRoute = (_request, response) => {
    response.writeHead(307, { location: here })
    response.end()
  }
  return new StubServer({ ...health, [`POST ${here}`]: predict, [`POST ${there}`]: redirect }, knobs)
}
