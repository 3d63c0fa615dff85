import { doorContract } from '../../support/doors/contract.ts'
import { localWorlds } from '../../support/doors/local-world.ts'

doorContract(localWorlds())
