/** One test for each cell of a program's row. */
import { leftOut, skip } from '../support/skip.ts'
import { type Ask, ClientProgram } from './client-program.ts'
import { EXPECTATIONS } from './expectations.ts'
import { type ClientSpec, FEATURES, type Feature } from './features.ts'
import type { Federation } from './federation.ts'
import { noteCell } from './matrix.ts'

export interface ClientSuiteInit {
  readonly federation: Federation
  /** Why the program cannot be run here; undefined when it can. */
  readonly missing: string | undefined
  /** Whether the gate installs it, so that its absence there is a failure. */
  readonly inGate: boolean
  /** The interpreter. @default this one */
  readonly interpreter?: string
}

export function clientSuite(spec: ClientSpec, { federation, missing, inGate, interpreter }: ClientSuiteInit): void {
  if (missing !== undefined) noteCell({ client: spec.name, feature: 'all', mark: '?', note: missing })
  if (missing !== undefined && !inGate) {
    leftOut(spec.name, missing)
    return
  }
  describe(spec.name, () => {
    let program: ClientProgram | undefined

    before(async function () {
      if (missing !== undefined) skip(this, missing)
      program = await ClientProgram.start(spec.program, interpreter)
    })

    after(() => program?.stop())

    for (const feature of Object.keys(FEATURES) as Feature[]) {
      const reason = spec.lacks[feature]
      if (reason !== undefined) {
        noteCell({ client: spec.name, feature, mark: reason.startsWith('not tried') ? '?' : '.', note: reason })
        continue
      }
      it(FEATURES[feature], async () => {
        const running = program
        if (running === undefined) throw new TypeError('the program does not run')
        const { version } = running
        const run = (ask: Ask) => running.run({ feature, base: federation.base, ...ask })
        try {
          await EXPECTATIONS[feature]({ federation, run, spec })
          noteCell({ client: spec.name, version, feature, mark: '+' })
        } catch (error) {
          noteCell({
            client: spec.name,
            version,
            feature,
            mark: '-',
            note: String(error).split('\n').slice(0, 6).join(' '),
          })
          throw error
        }
      })
    }
  })
}
