import { Automatic1111Engine } from '../../../engines/images/automatic1111.ts'
import { ComfyUiEngine } from '../../../engines/images/comfyui.ts'
import { SdCppEngine } from '../../../engines/images/sdcpp.ts'
import { automatic1111Stub } from '../../support/engines/automatic1111-stub.ts'
import { comfyUiStub } from '../../support/engines/comfyui-stub.ts'
import { sdCppStub } from '../../support/engines/sdcpp-stub.ts'
import { imageEngineContract } from './image-engine-contract.ts'

/** Looks come fast, so that no test waits for them. */
const pollMs = 2

const A1111_EDITS = {
  path: '/sdapi/v1/img2img',
  image: 'init_images',
  mask: 'mask',
  strength: 'denoising_strength',
}
const SDCPP_EDITS = { path: '/sdcpp/v1/img_gen', image: 'init_image', mask: 'mask_image', strength: 'strength' }

imageEngineContract({
  name: 'automatic1111',
  stub: (knobs) => automatic1111Stub(knobs).start(),
  engine: (url) => new Automatic1111Engine({ url, pollMs }),
  can: { interrupt: true, preview: true, fractions: true, load: true, edits: A1111_EDITS },
})

imageEngineContract({
  name: 'automatic1111 without names of jobs',
  stub: (knobs) => automatic1111Stub(knobs, { named: false }).start(),
  engine: (url) => new Automatic1111Engine({ url, pollMs }),
  can: { interrupt: true, preview: false, fractions: true, load: true, edits: A1111_EDITS },
})

imageEngineContract({
  name: 'comfyui',
  stub: (knobs) => comfyUiStub(knobs).start(),
  engine: (url) => new ComfyUiEngine({ url }),
  can: { interrupt: true, preview: true, fractions: true, load: true, edits: undefined },
})

imageEngineContract({
  name: 'sd-cpp',
  stub: (knobs) => sdCppStub(knobs).start(),
  engine: (url) => new SdCppEngine({ url, pollMs }),
  can: { interrupt: false, preview: false, fractions: false, load: false, edits: SDCPP_EDITS },
})
