import type { Translation } from '../types'
import type english from './en'

export default {
  'aside.new': 'Mettre de côté',
  'aside.title': 'Mettre des articles de côté',
  'aside.which': 'Lesquels',
  'aside.quantity': 'Combien',
  'aside.until': 'Jusqu’au',
  'aside.until_hint': 'Ensuite c’est de nouveau en vente. Vide : jusqu’à ce que vous le remettiez en vente.',
  'aside.note': 'Pour qui',
  'aside.note_hint': 'Ce à quoi vous le reconnaîtrez quand on viendra le chercher.',
  'aside.done': '{name} est mis de côté.',
  'aside.release': 'Remettre en vente',
  'aside.release_ask': 'Remettre {name} en vente ? Ce n’est alors plus gardé pour personne.',
  'aside.released': '{name} est de nouveau en vente.',
  'aside.empty': 'Rien n’est mis de côté',
  'aside.empty_text': 'Ce que vous gardez pour un client, et ce qui est gardé pour les paniers en attente et les ventes non payées, figure ici. Personne d’autre ne peut l’acheter.',
  'aside.for.customer': 'À la main',
  'aside.for.cart': 'Pour un panier en attente',
  'aside.for.sale': 'Pour une vente non payée',
  'aside.for.order': 'Pour une commande',
  'aside.for.repair': 'Pour une réparation',
  'aside.state.open': 'Mis de côté maintenant',
  'aside.state.taken': 'Remis',
  'aside.state.released': 'Remis en vente',
  'aside.state.expired': 'Pas retiré à temps',
} satisfies Translation<typeof english>
