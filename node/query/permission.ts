/** Whether the owner allows a user the model and the realm of a query. */
import { AUTO_MODEL, isAutoModel } from '../../core/model/model-name.ts'
import { matchesModel } from '../../core/model/model-pattern.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Permitted } from '../api/permitted.ts'

/** Throws `FORBIDDEN`. `model`: the name behind an alias. */
export function assertPermitted({ models, realms }: Permitted, model: string, realm: string): void {
  if (realms !== undefined && !realms.includes(realm)) {
    throw new RealmeshError('FORBIDDEN', `this API key is not for the realm ${realm}`, {
      fix: `it is for ${listed(realms)}; realmesh keys change allows more`,
    })
  }
  if (models === undefined || matchesModel(models, isAutoModel(model) ? AUTO_MODEL : model)) return
  throw new RealmeshError('FORBIDDEN', `this API key is not for the model ${model || AUTO_MODEL}`, {
    fix: `it is for ${listed(models)}; realmesh keys change allows more`,
  })
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
