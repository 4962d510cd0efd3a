import type { Translation } from '../types'
import type english from './en'

export default {
  'list.export_csv': 'Fayiro ya CSV',
  'list.export_xlsx': 'Fayiro ya Excel',
  'list.exported': 'Fayiro eterekeddwa.',
  'list.save_chosen': 'Tereka mu CSV',
  'list.none_found': 'Tewali kizuuliddwa',
  'list.days': 'Ennaku',
  'list.amount': 'Omuwendo',
  'list.least': 'Okuva',
  'list.most': 'Okutuuka',

  'form.draft_drop': 'Ddamu okutandika',
  'form.unsaved': 'Tekinnaterekebwa',
  'form.saved': 'Kiterekeddwa.',
  'form.needed': 'Kino kyetaagisa.',
  'dates.from': 'Okuva',
  'dates.to': 'Okutuuka',
  'dates.today': 'Leero',
  'dates.yesterday': 'Jjo',
  'dates.week': 'Ennaku 7 eziyise',
  'dates.month': 'Omwezi guno',
  'dates.last_month': 'Omwezi oguwedde',
  'palette.title': 'Genda ku',
  'palette.hint': 'Wandiika olupapula, kasitoma oba ekyamaguzi',
  'palette.pages': 'Empapula',
  'palette.customers': 'Bakasitoma',
  'palette.items': 'Ebyamaguzi',
  'palette.none': 'Tewali kiyitibwa “{text}”.',
} satisfies Translation<typeof english>
