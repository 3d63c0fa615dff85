/** Asks an engine whether it answers and what it has, as an operator wants to know before they add it. */
import { defined } from '../../core/defined.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import type { EngineTest } from '../api/config-control.ts'

/** An engine that is there answers at once; one that loads a model still tells its list within seconds. */
const TEST_TIMEOUT_MS = 15_000

/** Never rejects: what is wrong is the answer. `create` makes an adapter for this test alone. */
export async function testEngine(create: () => Promise<Engine>): Promise<EngineTest> {
  const begun = performance.now()
  let engine: Engine | undefined
  try {
    engine = await create()
    const signal = AbortSignal.timeout(TEST_TIMEOUT_MS)
    await engine.probe({ signal })
    const models = await engine.models({ signal })
    return { ok: true, tookMs: since(begun), models: models.map(({ name }) => name) }
  } catch (thrown) {
    const { code, message, fix } = toRealmeshError(thrown)
    return { ok: false, tookMs: since(begun), models: [], error: { code, message, ...defined({ fix }) } }
  } finally {
    await engine?.close()
  }
}

function since(begun: number): number {
  return Math.round(performance.now() - begun)
}
