"""How roles compare: whether one lets do more than another."""

from collections.abc import Mapping
from typing import Any

import orjson

from duka.platform.context import Scope
from duka.shops import permissions


def effective(stored: Mapping[str, Any], *, in_branch: bool = False) -> Mapping[str, Scope]:
    """Give what a stored role really lets do: known permissions only, within the branch for those bound to one."""
    return permissions.read(orjson.dumps(stored, option=orjson.OPT_SORT_KEYS).decode(), in_branch=in_branch)


def beyond(granted: Mapping[str, Scope], mine: Mapping[str, Scope]) -> list[str]:
    """Name the permissions that are granted and that I lack, or have in a narrower scope only."""
    shared = permissions.both(granted, mine)
    return sorted(name for name, scope in granted.items() if shared.get(name) != scope)
