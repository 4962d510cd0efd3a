"""Letters that a server of the tests sends, kept instead of carried."""

import asyncio
from dataclasses import dataclass, field

from duka.platform.messages import Attachment


@dataclass
class Postbox:
    """Carries letters by keeping them."""

    letters: list[tuple[str, str, str, Attachment | None]] = field(default_factory=list)

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, attachment: Attachment | None = None
    ) -> None:
        """Keep a letter."""
        self.letters.append((to, subject, text, attachment))

    async def first(self) -> tuple[str, str, str, Attachment | None]:
        """Wait for the first letter: to whom, subject, words, what is attached."""
        async with asyncio.timeout(30):
            while not self.letters:
                await asyncio.sleep(0.02)
        return self.letters[0]
