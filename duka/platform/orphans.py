"""Web processes end with the one that watches over them.

Killed outright, it can tell them nothing. They would go on answering at its address, where a server started anew then
could not listen.
"""

import multiprocessing
import os
import signal
import threading

import structlog

log = structlog.get_logger()


def end_with_parent() -> None:
    """Have this process asked to stop when the one that started it is gone. Does nothing in the first process."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        log.warning("parent_gone")
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="end_with_parent", daemon=True).start()
