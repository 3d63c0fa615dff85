// Preloaded into a node whose clock is wrong: REALMESH_TEST_SHIFT_MS says by how much. Timers go on as they are.
import process from 'node:process'

const shift = Number(process.env.REALMESH_TEST_SHIFT_MS)
const now = Date.now
Date.now = () => now() + shift
