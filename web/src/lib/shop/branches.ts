/** The shop's branches and the places for stock inside them. */
import { call } from '$lib/api/client'
import type { BranchEdit, BranchIn, BranchOut, LocationEdit, LocationIn, LocationOut } from '$lib/api/generated'
import { wholeList } from '$lib/lists/whole'

export type { BranchOut, LocationOut }

export const LOCATION_KINDS = ['showroom', 'warehouse', 'van', 'bench', 'transit', 'damaged'] as const

/** All branches, closed ones too. Throws Refusal, Unreachable, as everything here. */
export async function allBranches(): Promise<BranchOut[]> {
  return wholeList('/api/branches', { sort: 'name' })
}

export async function addBranch(branch: BranchIn): Promise<BranchOut> {
  return (await call<BranchOut>('POST', '/api/branches', { body: branch })).data
}

/** Change a branch; `version` is the one that was read, else 409. */
export async function changeBranch(id: string, change: BranchEdit): Promise<BranchOut> {
  return (await call<BranchOut>('PUT', `/api/branches/${id}`, { body: change })).data
}

/** Delete a branch; one that was used is only closed, and the answer says so by `active` false. */
export async function removeBranch(id: string): Promise<BranchOut> {
  return (await call<BranchOut>('DELETE', `/api/branches/${id}`)).data
}

/** The places for stock of all branches. */
export async function allLocations(): Promise<LocationOut[]> {
  return wholeList('/api/locations')
}

export async function addLocation(location: LocationIn): Promise<LocationOut> {
  return (await call<LocationOut>('POST', '/api/locations', { body: location })).data
}

export async function changeLocation(id: string, change: LocationEdit): Promise<LocationOut> {
  return (await call<LocationOut>('PUT', `/api/locations/${id}`, { body: change })).data
}
