import type { Translation } from '../types'
import type english from './en'

export default {
  'list.export': 'Exporter',
  'papers.kept': 'Gardé sur cet appareil. Envoyé dès qu’il y a du réseau.',
  'papers.show': 'Afficher',
  'papers.waits': 'en attente d’envoi',
  'papers.aside': 'non pris',
  'list.export_csv': 'Fichier CSV',
  'list.export_xlsx': 'Fichier Excel',
  'list.exporting': 'Écriture du fichier. Une longue liste prend un moment.',
  'list.exported': 'Le fichier est enregistré.',
  'list.save_chosen': 'Enregistrer en CSV',
  'list.none_found': 'Rien ne correspond',
  'list.none_found_text': 'Enlevez un filtre, ou cherchez avec moins de mots.',
  'list.days': 'Jours',
  'list.amount': 'Montant',
  'list.least': 'De',
  'list.most': 'À',

  'form.draft': 'Ce que vous aviez tapé ici est revenu.',
  'form.draft_drop': 'Recommencer',
  'form.unsaved': 'Pas encore enregistré',
  'form.saved': 'Enregistré.',
  'form.needed': 'Il faut remplir ceci.',
  'form.stale': 'Quelqu’un a changé ceci entre-temps',
  'form.stale_text': 'Changé par l’autre : {fields}.',
  'form.stale_same': 'Ce que vous voyez ici est pareil dans les deux.',
  'form.stale_theirs': 'Prendre le sien',
  'form.stale_mine': 'Enregistrer le mien à la place',
  'form.check': 'Certains champs sont à revoir.',
} satisfies Translation<typeof english>
