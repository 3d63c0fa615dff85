/** A stub of stable-diffusion.cpp's server: jobs that are asked for, and a cancel for queued ones only. */
import { StubImageJobs } from './stub-image-jobs.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

const JOB = /^\/sdcpp\/v1\/jobs\/([^/]+)(\/cancel)?$/

function routes(jobsOf: () => StubImageJobs): StubRoutes {
  return {
    'GET /sdcpp/v1/capabilities': (_request, response) =>
      sendJson(response, 200, {
        supported_modes: ['img_gen'],
        output_formats: ['png'],
        features_by_mode: { img_gen: { init_image: true, mask_image: true, ref_images: true, cancel_queued: true } },
      }),
    'GET /v1/models': (_request, response, stub) =>
      sendJson(response, 200, { data: stub.knobs.models.map((id) => ({ id, object: 'model', owned_by: 'local' })) }),
    'GET /sdapi/v1/options': (_request, response) => sendJson(response, 200, { sd_model_checkpoint: 'tiny' }),
    'POST /sdcpp/v1/img_gen': ({ path, body }, response, stub) => {
      const { fail } = stub.knobs
      if (fail === 'busy' || fail === 'error') {
        stub.journal.write({ event: 'refuse', query: 0 })
        return sendJson(response, fail === 'busy' ? 429 : 500, { error: { message: 'job queue: no' } })
      }
      if (fail === 'garbage') return sendText(response, 200, 'not json')
      const job = jobsOf().add({
        id: `job_${jobsOf().jobs.length + 1}`,
        path,
        body,
        model: stub.knobs.models[0] ?? 'tiny',
        prompt: String(body['prompt']),
        seed: Number(body['seed']),
        count: Number(body['batch_count'] ?? 1),
      })
      sendJson(response, 202, { id: job.id, kind: 'img_gen', status: job.state, poll_url: `/sdcpp/v1/jobs/${job.id}` })
    },
    'GET *': ({ path }, response) => {
      const job = jobsOf().find(JOB.exec(path)?.[1] ?? '')
      if (job === undefined) return sendJson(response, 404, { error: 'not found' })
      sendJson(response, 200, {
        id: job.id,
        status: job.state,
        queue_position: jobsOf().queued.indexOf(job) + 1,
        ...(job.state === 'completed' && {
          result: {
            output_format: 'png',
            images: job.images.map((image, index) => ({ index, b64_json: image.toString('base64') })),
          },
        }),
        ...(job.state === 'failed' && { error: { code: 'generation_failed', message: 'CUDA out of memory' } }),
      })
    },
    'POST *': ({ path }, response) => {
      const id = JOB.exec(path)?.[1] ?? ''
      const cancelled = jobsOf().cancel(id)
      sendJson(
        response,
        cancelled ? 200 : 409,
        cancelled ? { id, status: 'cancelled' } : { error: { message: 'job is generating' } },
      )
    },
  }
}

/** A stub stable-diffusion.cpp server; call `start()`. */
export function sdCppStub(knobs: Partial<StubKnobs> = {}): StubServer {
  let jobs: StubImageJobs
  const stub = new StubServer(
    routes(() => jobs),
    { models: ['tiny'], ...knobs },
  )
  jobs = new StubImageJobs(stub)
  return stub
}
