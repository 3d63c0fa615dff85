/** Open WebUI in front of the gateway; told where it is not installed, which takes 7 GB. */
import { llamaServerMissing } from '../support/real/llama-server.ts'
import { pythonClientsMissing } from './client-program.ts'
import { clientSuite } from './client-suite.ts'
import { Federation } from './federation.ts'

describe('Open WebUI', () => {
  const federation = new Federation()
  const missing = pythonClientsMissing('open-webui') ?? llamaServerMissing()

  before(async () => {
    if (missing === undefined) await federation.start()
  })

  after(() => federation.stop())

  clientSuite(
    {
      name: 'open-webui',
      program: 'open-webui.mjs',
      lacks: {
        tools: 'calls its own tools only',
        parallel: 'calls its own tools only',
        completions: 'knows chats only',
        roundTrip: 'calls its own tools only',
        wrongModel: 'asks for listed models only',
        badRequest: 'asks for listed models only',
        wrongKey: 'not tried: its key is set by its administrator',
        receipts: 'has no headers of its user’s',
      },
      errors: { tooLong: 'SiteError', refused: 'SiteError' },
    },
    { federation, missing, inGate: false },
  )
})
