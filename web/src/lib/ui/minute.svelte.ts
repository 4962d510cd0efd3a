/** The time, told anew every half minute, for what is drawn with an age. */
class Minute {
  now = $state(Date.now())
}

export const minute = new Minute()

setInterval(() => (minute.now = Date.now()), 30_000)
