"""What a document disagrees with: a refusal of what is asked, a matter to settle for what happened already."""

from duka.platform.context import Ctx
from duka.platform.errors import DukaError


class Disputes(list[DukaError]):
    """What a document disagrees with. Asked for, the first one refuses it; recorded, all of them wait to be settled.

    A damaged document is never stored: what makes it so refuses it either way.
    """

    def __init__(self, ctx: Ctx) -> None:
        super().__init__()
        self._recording = ctx.recording

    def add(self, refusal: DukaError) -> None:
        """Refuse, or note that it happened all the same."""
        if refusal.damaged or not self._recording:
            raise refusal
        self.append(refusal)
