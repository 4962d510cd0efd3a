import { beforeEach, expect, test, vi } from 'vitest'

import { dropSavedFilters, savedFilters, saveFilters } from './saved-filters'

beforeEach(() => {
  vi.stubGlobal('localStorage', {
    setItem(key: string, value: string) { this[key] = value },
    getItem(key: string) { return this[key] ?? null },
    removeItem(key: string) { Reflect.deleteProperty(this, key) },
  } as Record<string, unknown>)  // prettier-ignore
})

const OWING = { name: 'Owing', search: 'Amina', values: { owing: 'true' } }

test('each account has its own, and a logout leaves none', () => {
  saveFilters('a1', 'sales', [OWING])
  expect([savedFilters('a1', 'sales'), savedFilters('a2', 'sales'), savedFilters('a1', 'products')]).toEqual([[OWING], [], []])
  localStorage.setItem('duka.language', 'sw')
  dropSavedFilters()
  expect([savedFilters('a1', 'sales'), localStorage.getItem('duka.language')]).toEqual([[], 'sw'])
})

test('the oldest go when there are too many', () => {
  const many = Array.from({ length: 25 }, (_, place) => ({ ...OWING, name: `F${place}` }))
  expect(saveFilters('a1', 'sales', many).map(({ name }) => name)).toEqual(many.slice(5).map(({ name }) => name))
})
