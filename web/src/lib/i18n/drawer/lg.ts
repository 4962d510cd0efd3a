import type { Translation } from '../types'
import type english from './en'

export default {
  'drawer.title': 'Akasanduuko k’ensimbi',
  'drawer.open': 'Ggulawo akasanduuko',
  'drawer.in': 'Teekamu ssente',
  'drawer.out': 'Ggyamu ssente',
  'drawer.amount': 'Omuwendo',
  'drawer.reason': 'Ensonga',
  'drawer.count': 'Bala oggalewo',
  'drawer.close': 'Ggalawo akasanduuko',
  'drawer.short': 'Kubulako {amount}',
  'drawer.over': 'Kusukkirizza {amount}',
  'drawer.history': 'Ennaku eziyise',
  'setup.branch': 'Ettabi',
  'setup.name': 'Erinnya lya kawunta',
  'setup.first_name': 'Kawunta',
  'setup.go': 'Tandika okutunda wano',
} satisfies Translation<typeof english>
