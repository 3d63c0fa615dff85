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
        wrongModel: 'asks for listed models only',
      },
      errors: { wrongModel: '', tooLong: 'SiteError', refused: 'SiteError' },
    },
    { federation, missing, inGate: false },
  )
})
