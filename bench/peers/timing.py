"""What the programs that time peers share."""

import time


def seconds_per_run(run, at_least):
    """Returns the mean processor time of a run over at least so many seconds, after a warm-up."""
    for _ in range(3):
        run()
    count = 3
    while True:
        start = time.process_time()
        for _ in range(count):
            run()
        elapsed = time.process_time() - start
        if elapsed >= at_least:
            return elapsed / count
        count = int(count * min(100, 1.2 * at_least / max(elapsed, 1e-9))) + 1
