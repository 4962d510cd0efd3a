"""The tree of groups: where a group may stand. Pure."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

DEPTH_MAX: Final = 5
"""A group stands at most so deep; the groups at the top are of depth one."""

Parents = Mapping[UUID, UUID | None]


def is_within(parents: Parents, group_id: UUID, ancestor_id: UUID) -> bool:
    """Say whether a group is the ancestor itself or stands somewhere below it."""
    step: UUID | None = group_id
    while step is not None:
        if step == ancestor_id:
            return True
        step = parents[step]
    return False


def depth(parents: Parents, group_id: UUID | None) -> int:
    """Say how deep a group stands; 0 for no group."""
    steps = 0
    while group_id is not None:
        group_id = parents[group_id]
        steps += 1
    return steps


def height(parents: Parents, group_id: UUID) -> int:
    """Say how many levels a group has with everything below it; 1 for a group without any."""
    own = depth(parents, group_id)
    return 1 + max((depth(parents, each) - own for each in parents if is_within(parents, each, group_id)), default=0)
