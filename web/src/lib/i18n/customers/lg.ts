import type { Translation } from '../types'
import type english from './en'

export default {
  'customers.title': 'Bakasitoma',
  'customers.new': 'Kasitoma omupya',
  'customers.search': 'Erinnya, essimu oba emeyiro',
  'customers.empty': 'Tewannabaawo bakasitoma',
  'customers.name': 'Erinnya',
  'customers.phone': 'Essimu',
  'customers.email': 'Emeyiro',
  'customers.address': 'Endagiriro',
  'customers.since': 'Okuva',

  'customer.new': 'Kasitoma omupya',
  'customer.gender.female': 'Mukazi',
  'customer.gender.male': 'Musajja',
  'customer.register': 'Wandiika',
  'customer.registered': '{name} awandiikiddwa.',
  'customer.exists': 'Essimu eno yawandiikibwa dda.',
  'customer.exists_open': 'Ggulawo kasitoma oyo',
  'customer.edit': 'Kyusa',
  'customer.saved': 'Kiterekeddwa.',
  'customer.call': 'Kuba essimu',
  'customer.owes': 'Ebbanja',
  'customer.owes_nothing': 'Talina bbanja',
  'customer.visits': { one: 'omulundi {n}', other: 'emirundi {n}' },
  'customer.purchases': 'By’aguze',
  'customer.no_purchases': 'Tannagula kintu',
  'customer.favourites': 'By’asinga okugula',
  'customer.times': { one: 'omulundi {n}', other: 'emirundi {n}' },
} satisfies Translation<typeof english>
