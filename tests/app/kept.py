"""What the app keeps on a device, read from the browser's own database as nobody but a test would."""

import json
from typing import Any, Final

from playwright.async_api import Page

Json = dict[str, Any]

_OPEN: Final = """
const name = (await indexedDB.databases()).map((each) => each.name).find((each) => /^duka-[0-9a-f]{8}-/.test(each))
const db = await new Promise((done, failed) => {
  const asked = indexedDB.open(name)
  asked.onsuccess = () => done(asked.result)
  asked.onerror = () => failed(asked.error)
})
const answer = (asked) => new Promise((done, failed) => {
  asked.onsuccess = () => done(asked.result)
  asked.onerror = () => failed(asked.error)
})
"""
_READ: Final = f"""async (store) => {{ {_OPEN}
  const rows = await answer(db.transaction(store).objectStore(store).getAll())
  db.close()
  return JSON.stringify(rows)
}}"""
_AS_BEFORE: Final = f"""async () => {{ {_OPEN}
  const tx = db.transaction('outbox', 'readwrite')
  for (const {{ seq, id, path, body, madeAt }} of await answer(tx.objectStore('outbox').getAll())) {{
    tx.objectStore('outbox').put({{ seq, id, path, body, made_at: madeAt, state: 'waiting' }})
  }}
  await new Promise((done) => (tx.oncomplete = done))
  db.close()
}}"""
_FILL: Final = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open('pictures-of-a-holiday')
    asked.onupgradeneeded = () => asked.result.createObjectStore('pictures', { autoIncrement: true })
    asked.onsuccess = () => done(asked.result)
  })
  const put = (bytes) => new Promise((done) => {
    const tx = db.transaction('pictures', 'readwrite')
    tx.objectStore('pictures').add(crypto.getRandomValues(new Uint8Array(bytes)))
    tx.oncomplete = () => done(true)
    tx.onabort = () => done(false)
  })
  for (const bytes of [65536, 4096, 256, 16, 1]) while (await put(bytes));
  db.close()
}"""


async def rows(page: Page, store: str) -> list[Json]:
    """Give the rows of one of the shop's tables on this device."""
    read: list[Json] = json.loads(await page.evaluate(_READ, store))
    return read


async def outbox(page: Page) -> list[Json]:
    """Give the documents that this device has not delivered."""
    return await rows(page, "outbox")


async def make_old(page: Page) -> None:
    """Rewrite what waits as the app's first version kept it."""
    await page.evaluate(_AS_BEFORE)


async def fill_up(page: Page) -> None:
    """Fill the browser's space for this address to the last byte."""
    await page.evaluate(_FILL)
