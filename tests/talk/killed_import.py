"""An import that is killed with SIGKILL in the middle of a chunk: `python -m tests.talk.killed_import JOB ROW`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any


def main(job: int, row: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from siach.talk.actions import importing

    whole = importing.take_in

    def deadly(posts: Any, **kwargs: Any) -> Any:
        taken = whole(posts, **kwargs)
        if any(int(post.external_id) == row for post in posts):
            os.kill(os.getpid(), signal.SIGKILL)
        return taken

    importing.CHUNK = 25
    importing.take_in = deadly
    importing.run(job_id=job, at=timezone.now())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
