/**
 * How much a test of volume does: `small` in `npm run check` and `npm test`, `large` in `npm run fuzz`, which sets
 * `REALMESH_VOLUME=large`. Both counts run the same code; the small one still has to show the fault that the test is
 * about.
 */
export function volume(small: number, large: number): number {
  return process.env['REALMESH_VOLUME'] === 'large' ? large : small
}
