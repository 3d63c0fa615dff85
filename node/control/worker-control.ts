/** The operator's hand on workers: what the configuration names, and what runs. */
import { removeWorker, setWorker } from '../../config/edit/edits.ts'
import type { ConfigFile } from '../../config/schema/file-schema.ts'
import { resolveWorker, workerSchema } from '../../config/schema/worker-schema.ts'
import { checkValue } from '../../core/check-value.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Changed } from '../api/changes.ts'
import type { WorkerControl } from '../api/config-control.ts'
import { type WorkerStatusComponents, workerStatuses } from '../operate/worker-statuses.ts'
import type { WorkerRoster } from '../roster/worker-roster.ts'
import type { LiveConfig } from './live-config.ts'

export interface WorkerControlComponents extends WorkerStatusComponents {
  readonly live: Pick<LiveConfig, 'config' | 'change'>
  readonly roster: Pick<
    WorkerRoster,
    'status' | 'isKeptOut' | 'assertKnown' | 'drain' | 'undrain' | 'remove' | 'keepOut' | 'test'
  >
}

const FOR_NOW: Changed = { lasts: 'until the restart' }

export function workerControl({ live, roster, realms }: WorkerControlComponents): WorkerControl {
  return {
    list: () => workerStatuses({ roster, realms }),
    add: async (value, options) => {
      const { name } = checkValue(workerSchema, value, 'worker')
      return await live.change(setWorker(written(value, name)), options, (values) => {
        const isTaken = roster.status().some((status) => status.name === name) && !roster.isKeptOut(name)
        if (!isConfigured(values, name) && !isTaken) return
        throw new RealmeshError('CONFIG_INVALID', `there is a worker named ${name} already`, {
          fix: 'change that one, or choose another name',
        })
      })
    },
    change: async (value, options) => {
      const { name } = checkValue(workerSchema, value, 'worker')
      return await live.change(setWorker(written(value, name)), options, (values) => {
        if (!isConfigured(values, name)) roster.assertKnown(name)
      })
    },
    drain: (name) => {
      roster.drain(name)
      return FOR_NOW
    },
    undrain: (name) => {
      roster.undrain(name)
      return FOR_NOW
    },
    remove: async (name, options) => {
      if (!live.config.workers.some((worker) => worker.name === name)) {
        await roster.remove(name)
        return FOR_NOW
      }
      const letIn = roster.keepOut(name)
      try {
        return await live.change(removeWorker(name), options)
      } catch (error) {
        letIn()
        throw error
      }
    },
    test: async (value) => {
      if (typeof value === 'string') return await roster.test(value)
      return await roster.test(resolveWorker(checkValue(workerSchema, value, 'worker'), '.'))
    },
  }
}

function isConfigured(values: ConfigFile, name: string): boolean {
  return values.workers.some((worker) => worker.name === name)
}

/** As the operator wrote it: what they left out is left out of the file too. It has passed the schema. */
function written(value: unknown, name: string): { readonly name: string } {
  return { ...(value as object), name }
}
