/** Sets: what they are made of, how many there are, and building them beforehand. Quantities are plain numbers. */
import { call } from '$lib/api/client'
import type { AssemblyIn, AssemblyOut, ProductOut, SetOut, SetsOut } from '$lib/api/generated'

/** One component while it is edited: thousandths, null while nothing is typed. */
export interface DraftComponent {
  variantId: string
  name: string
  quantityMilli: number | null
}

export async function readSets(productId: string): Promise<SetsOut> {
  return (await call<SetsOut>('GET', `/api/products/${productId}/components`)).data
}

/** Say what a variant is made of; without components it is a plain item again. Throws Refusal (COMPONENT_NOT_FIT ...). */
export async function compose(productId: string, made: SetOut, components: readonly DraftComponent[]): Promise<ProductOut> {
  const body = {
    version: made.version,
    components: components.map((each) => ({ variant_id: each.variantId, quantity: (each.quantityMilli ?? 0) / 1000 })),
  }
  return (await call<ProductOut>('PUT', `/api/products/${productId}/variants/${made.variant_id}/components`, { body })).data
}

/** Build sets of their components, or take some apart. Throws Refusal (OUT_OF_STOCK names what lacks). */
export async function assemble(asked: AssemblyIn): Promise<AssemblyOut> {
  return (await call<AssemblyOut>('POST', '/api/assemblies', { body: asked })).data
}

/** Read what is typed of serial numbers: apart by spaces, commas or lines. */
export function serialsIn(typed: string): string[] {
  return [...new Set(typed.toUpperCase().split(/[\s,;]+/).filter(Boolean))]
}
