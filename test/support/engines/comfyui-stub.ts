/** A stub of ComfyUI: graphs in, events and previews by WebSocket, images from the history. */
import { type WebSocket, WebSocketServer } from 'ws'
import { partOf } from './sound-stubs.ts'
import { stubPng } from './stub-image.ts'
import { StubImageJobs, type StubJob } from './stub-image-jobs.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

type Graph = Readonly<Record<string, { class_type: string; inputs: Record<string, unknown> }>>

function inputOf(graph: Graph, type: string): Record<string, unknown> {
  return Object.values(graph).find((node) => node.class_type === type)?.inputs ?? {}
}

function routes(jobsOf: () => StubImageJobs): StubRoutes {
  const entry = (job: StubJob): unknown[] => [job.number, job.id, {}, {}, []]
  return {
    'GET /system_stats': (_request, response) =>
      sendJson(response, 200, {
        system: { comfyui_version: '0.3.60', os: 'posix' },
        devices: [{ name: 'cuda:0', type: 'cuda', vram_total: 8e9, vram_free: 3e9 }],
      }),
    'GET /object_info/CheckpointLoaderSimple': (_request, response, stub) =>
      sendJson(response, 200, {
        CheckpointLoaderSimple: { input: { required: { ckpt_name: [stub.knobs.models, {}] } } },
      }),
    'POST /upload/image': (request, response, stub) => {
      const name = /name="image"; filename="([^"]+)"/.exec(String(request.body['raw']))?.[1] ?? ''
      const folder = partOf(request, 'type') ?? 'input'
      stub.journal.write({ event: 'upload', query: 0, path: `${name} [${folder}]` })
      sendJson(response, 200, { name, subfolder: '', type: folder })
    },
    'GET /queue': (_request, response) => {
      const { running, queued } = jobsOf()
      sendJson(response, 200, {
        queue_running: running === undefined ? [] : [entry(running)],
        queue_pending: queued.map(entry),
      })
    },
    'POST /queue': ({ body }, response) => {
      for (const id of (body['delete'] ?? []) as string[]) jobsOf().cancel(id)
      sendText(response, 200, '')
    },
    'POST /interrupt': (_request, response) => {
      jobsOf().interrupt() // as the older versions: the body is not read
      sendText(response, 200, '')
    },
    'POST /prompt': ({ path, body }, response, stub) => {
      const { fail } = stub.knobs
      if (fail === 'garbage') return sendText(response, 200, '<html>')
      if (fail === 'busy') return sendJson(response, 503, { error: { message: 'queue is full' } })
      if (fail === 'error') return sendText(response, 500, '500 Internal Server Error')
      const graph = body['prompt'] as Graph
      const model = String(inputOf(graph, 'CheckpointLoaderSimple')['ckpt_name'])
      const uploads = stub.journal.entries.filter(({ event }) => event === 'upload').map(({ path }) => path)
      const pictures = Object.values(graph).filter(({ class_type }) => class_type.startsWith('LoadImage'))
      const missing = pictures.some(({ inputs }) => !uploads.includes(String(inputs['image'])))
      if (missing || !stub.knobs.models.includes(model)) {
        const error = {
          type: 'prompt_outputs_failed_validation',
          message: 'Prompt outputs failed validation',
          details: '',
          extra_info: {},
        }
        return sendJson(response, 400, { error, node_errors: {} })
      }
      const job = jobsOf().add({
        id: String(body['prompt_id']),
        path,
        body,
        model,
        prompt: String(inputOf(graph, 'CLIPTextEncode')['text']),
        seed: Number(inputOf(graph, 'KSampler')['seed']),
        count: Number(
          inputOf(graph, 'EmptyLatentImage')['batch_size'] ?? inputOf(graph, 'RepeatLatentBatch')['amount'],
        ),
      })
      sendJson(response, 200, { prompt_id: job.id, number: job.number, node_errors: {} })
    },
    'GET /view': ({ search }, response) => {
      const [id, index] = (search.get('filename') ?? '').split('_')
      const image = jobsOf().find(id ?? '')?.images[Number(index?.replace('.png', ''))]
      response.writeHead(image === undefined ? 404 : 200, { 'content-type': 'image/png' })
      response.end(image)
    },
    'GET *': ({ path }, response) => {
      if (!path.startsWith('/history/')) return sendText(response, 404, '404: Not Found')
      const job = jobsOf().find(path.replace('/history/', ''))
      if (job === undefined || job.state !== 'completed') return sendJson(response, 200, {})
      const images = job.images.map((_, i) => ({ filename: `${job.id}_${i}.png`, subfolder: '', type: 'output' }))
      sendJson(response, 200, { [job.id]: { outputs: { save: { images } }, status: { completed: true } } })
    },
  }
}

function preview(step: number): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(1, 0)
  header.writeUInt32BE(2, 4)
  return Buffer.concat([header, stubPng('preview', step)])
}

function tellSockets(
  sockets: ReadonlySet<WebSocket>,
  stub: StubServer,
  job: StubJob,
  what: 'begin' | 'step' | 'end',
): void {
  const send = (type: string, data: object): void => {
    for (const socket of sockets) socket.send(JSON.stringify({ type, data }))
  }
  const id = { prompt_id: job.id }
  if (what === 'begin') {
    send('execution_start', id)
    send('executing', { ...id, node: 'sampler' })
  } else if (what === 'step') {
    send('progress', { ...id, node: 'sampler', value: job.step, max: job.steps })
    for (const socket of sockets) socket.send(preview(job.step))
    if (job.fails && stub.knobs.fail === 'cut' && job.step === stub.knobs.failAfter)
      for (const socket of sockets) socket.terminate()
  } else if (job.state === 'completed') {
    send('execution_success', id)
    send('executing', { ...id, node: null })
  } else if (job.state === 'failed') send('execution_error', { ...id, exception_message: 'the GPU fell off the bus' })
  else send('execution_interrupted', id)
}

/** A stub ComfyUI; call `start()`. */
export function comfyUiStub(knobs: Partial<StubKnobs> = {}): StubServer {
  let jobs: StubImageJobs
  const stub = new StubServer(
    routes(() => jobs),
    { models: ['tiny'], ...knobs },
  )
  jobs = new StubImageJobs(stub)
  const sockets = new WebSocketServer({ server: stub.server, path: '/ws' })
  sockets.on('connection', (socket) => {
    socket.send(
      JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: jobs.queued.length } } } }),
    )
  })
  jobs.listeners.add((job, what) => tellSockets(sockets.clients, stub, job, what))
  return stub
}
