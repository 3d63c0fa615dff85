/** The lists of the page's menus. */
import type { Told } from '../realm-connection-manager.ts'
import type { HouseView } from './house-view.ts'

export function workersTold({ workers }: Pick<HouseView, 'workers'>): Told {
  return { type: 'worker_update', workers }
}

/**
 * What the page offers under this name is a list of models; here it is that of the models within reach, and a choice
 * among them is kept where it can be.
 */
export function modelsTold({ models }: Pick<HouseView, 'models'>): Told {
  return { type: 'huggingface_update', models }
}
