/** A stub of Automatic1111: serial, deaf to closed connections, with an interrupt that hits whatever runs. */

import { imageTypeOf } from '../../../engines/images/image-bytes.ts'
import { stubPng } from './stub-image.ts'
import { StubImageJobs } from './stub-image-jobs.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

export interface Automatic1111StubInit {
  /** Whether it knows jobs by name, as versions since 1.6 do. @default true */
  readonly named?: boolean
}

function routes(jobsOf: () => StubImageJobs, named: boolean): StubRoutes {
  const state = (): object => {
    const job = jobsOf().running
    return {
      progress: job === undefined ? 0 : job.step / job.steps,
      eta_relative: 0,
      state: {
        job: '',
        job_no: 0,
        job_count: job === undefined ? 0 : 1,
        sampling_step: job?.step ?? 0,
        sampling_steps: job?.steps ?? 0,
        interrupted: false,
      },
      current_image: null,
    }
  }
  const byName: StubRoutes = {
    'POST /internal/progress': ({ body }, response) => {
      const jobs = jobsOf()
      const job = jobs.find(String(body['id_task']))
      const active = job !== undefined && job === jobs.running
      sendJson(response, 200, {
        active,
        queued: job?.state === 'queued',
        completed: job?.state === 'completed',
        ...(active && {
          progress: job.step / job.steps,
          live_preview: `data:image/png;base64,${stubPng('preview', job.step).toString('base64')}`,
          id_live_preview: job.step,
        }),
      })
    },
  }
  const draw: StubRoutes[string] = async ({ path, body }, response, stub) => {
    const { fail } = stub.knobs
    const settings = body['override_settings'] as { sd_model_checkpoint?: string } | undefined
    const given = Number(body['seed'] ?? -1)
    const seed = given === -1 ? 4242 : given
    const job = jobsOf().add({
      id: String(body['force_task_id'] ?? `task(${stub.journal.entries.length})`),
      path,
      body,
      model: settings?.sd_model_checkpoint ?? 'tiny',
      prompt: String(body['prompt']),
      seed,
      count: Number(body['batch_size'] ?? 1),
    })
    const end = await job.done
    if (end === 'failed' && fail === 'garbage') return sendText(response, 200, '<html>gradio</html>', 'text/html')
    if (end === 'failed' && fail === 'cut') return void response.destroy()
    if (end === 'failed' && fail === 'busy') return sendJson(response, 503, { detail: 'busy' })
    if (end === 'failed') {
      return sendJson(response, 500, {
        error: 'OutOfMemoryError',
        detail: '',
        body: '',
        errors: 'CUDA out of memory',
      })
    }
    const info = JSON.stringify({ seed, all_seeds: job.images.map((_, i) => seed + i) })
    const images = job.images.map((image) => image.toString('base64'))
    // The sheet of all images comes first.
    const sheet = images.length > 1 ? [stubPng('sheet', 0).toString('base64')] : []
    sendJson(response, 200, { images: [...sheet, ...images], parameters: {}, info })
  }
  return {
    'GET /sdapi/v1/sd-models': (_request, response, stub) =>
      sendJson(
        response,
        200,
        stub.knobs.models.map((name) => ({ title: `${name}.safetensors [abc123]`, model_name: name, hash: 'abc123' })),
      ),
    'GET /sdapi/v1/options': (_request, response, stub) =>
      sendJson(response, 200, {
        sd_model_checkpoint: stub.loaded[0] === undefined ? null : `${stub.loaded[0]}.safetensors [abc123]`,
      }),
    'GET /sdapi/v1/progress': (_request, response) => sendJson(response, 200, state()),
    'GET /sdapi/v1/memory': (_request, response) =>
      sendJson(response, 200, { ram: {}, cuda: { system: { free: 3e9, used: 5e9, total: 8e9 } } }),
    'POST /sdapi/v1/interrupt': (_request, response) => {
      jobsOf().interrupt()
      sendJson(response, 200, {})
    },
    'POST /sdapi/v1/txt2img': draw,
    'POST /sdapi/v1/img2img': async (request, response, stub) => {
      const pictures = request.body['init_images']
      if (!Array.isArray(pictures)) return sendJson(response, 404, { detail: 'Init image not found' })
      const all = [...pictures, ...(request.body['mask'] === undefined ? [] : [request.body['mask']])]
      if (!all.every(isPicture)) return sendJson(response, 500, { detail: 'Invalid encoded image' })
      await draw(request, response, stub)
    },
    ...(named ? byName : {}),
  }
}

/** As the engine decodes it, told by its first bytes. */
function isPicture(base64: unknown): boolean {
  return typeof base64 === 'string' && imageTypeOf(Buffer.from(base64, 'base64')) !== undefined
}

/** A stub Automatic1111; call `start()`. */
export function automatic1111Stub(
  knobs: Partial<StubKnobs> = {},
  { named = true }: Automatic1111StubInit = {},
): StubServer {
  let jobs: StubImageJobs
  const stub = new StubServer(
    routes(() => jobs, named),
    { models: ['tiny'], ...knobs },
  )
  jobs = new StubImageJobs(stub)
  return stub
}
