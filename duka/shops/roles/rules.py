"""How roles compare: whether one lets do more than another."""

from collections.abc import Mapping
from typing import Final

from duka.platform.context import Scope

_WIDTH: Final[Mapping[Scope, int]] = {"own": 0, "branch": 1, "shop": 2}


def beyond(granted: Mapping[str, Scope], mine: Mapping[str, Scope]) -> list[str]:
    """Name the permissions that are granted and that I lack, or have in a narrower scope only."""
    return sorted(
        name for name, scope in granted.items() if name not in mine or _WIDTH[scope] > _WIDTH[mine[name]]
    )
