import type { Translation } from '../types'
import type english from './en'

export default {
  'device.refused': 'Le serveur n’accepte plus rien de cette caisse',
  'device.refused_text': 'Son droit d’envoyer a été retiré, comme pour un appareil perdu. Si vous l’avez en main, laissez-le envoyer de nouveau : ce qui attend part alors.',
  'device.refused_ask': 'Son droit d’envoyer a été retiré. Ce qui attend est en sûreté ici : montrez ceci au propriétaire.',
  'device.renew': 'Laisser la caisse envoyer de nouveau',
  'device.short': 'Il ne reste que {n} Mo sur cet appareil',
  'device.short_text': 'Une fois plein, la caisse ne peut plus vendre. Supprimez des photos ou des applications, et laissez partir ce qui attend.',
  'device.used': 'Duka occupe {n} Mo sur cet appareil.',
  'device.safe': 'Le navigateur le garde jusqu’à ce que vous l’effaciez.',
  'device.keep': 'Demander au navigateur de le garder',
  'device.kept': 'Le navigateur le garde.',
  'device.not_kept': 'Le navigateur n’a pas encore accepté. Placez Duka sur l’écran d’accueil et redemandez.',
  'lost.title': 'Cet appareil était la caisse {code}',
  'lost.text': 'Sa mémoire est perdue : le navigateur ou quelqu’un l’a effacée. Ce qu’elle avait envoyé est sur le serveur ; le reste n’est plus ici.',
  'lost.file': 'A-t-elle été enregistrée dans un fichier ? Faites de cet appareil une caisse et reprenez le fichier.',
  'lost.declare': 'Sinon le propriétaire ferme la caisse {code} sous Caisses et renonce aux numéros jamais arrivés.',
  'lost.take_in': 'Reprendre un fichier',
  'lost.read': 'J’ai lu',
} satisfies Translation<typeof english>
