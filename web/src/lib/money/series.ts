/** The numbers of a register's documents: one series for each of its codes and financial years. Pure: no storage, no clock. */
import { BillRefused, must } from './refused'

/** What stands for the hash before the first document of a series. */
export const GENESIS = '0'.repeat(64)

/** The longest invoice number Indian GST allows (rule 46 of the CGST Rules, 2017). */
const NUMBER_LENGTH_MAX = 16

/**
 * Name the financial year of a day (`2026-11-21`) by the years of its first and last day, two digits each.
 * `firstMonth` 4 (India): that day -> `2627`; 7 (Uganda, Kenya): the same day -> `2627`; 1: `2626`.
 */
export function financialYear(day: string, firstMonth: number): string {
  must(firstMonth >= 1 && firstMonth <= 12, 'a year has twelve months')
  const [year, month] = day.split('-').map(Number)
  must(year !== undefined && month !== undefined, `${day} is no day`)
  const first = month >= firstMonth ? year : year - 1
  const last = firstMonth === 1 ? first : first + 1
  return [first, last].map((each) => String(each % 100).padStart(2, '0')).join('')
}

/** Name a series: the register's code and the financial year, `T2/2627`. Its counter starts at 1. */
export function seriesName(code: string, year: string): string {
  must(/^[A-Z0-9]{1,4}$/.test(code), `${code} is no register's code`)
  must(year.length === 4, `${year} is no financial year`)
  return `${code}/${year}`
}

/** Write the number people read: `CODE/2627/000123`, at most 16 characters. Throws `SERIES_FULL`. */
export function documentNumber(code: string, year: string, counter: number): string {
  must(counter > 0, 'documents are numbered from 1')
  const series = seriesName(code, year)
  const number = `${series}/${String(counter).padStart(6, '0')}`
  if (number.length > NUMBER_LENGTH_MAX) throw new BillRefused('SERIES_FULL', { series, counter })
  return number
}
