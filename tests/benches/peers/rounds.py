"""How a peer is told to begin, and says what it took. The interpreter, the imports and the connections are there before: only work is timed."""

import sys
import time


def ready():
    """Says so, and waits for the signal."""
    print("ready", flush=True)
    sys.stdin.readline()


def done():
    """Everything is committed."""
    print("done", flush=True)


def serve(ways, work_on, result):
    """Does what each line asks for until nobody asks: `WAY TIMES` is answered with the nanoseconds of so many turns, an empty line with `result`."""
    for line in sys.stdin:
        way, _, times = line.strip().partition(" ")
        if not way:
            print(result(work_on), flush=True)
            continue
        work = ways[way]
        started = time.perf_counter_ns()
        for _ in range(int(times)):
            work(work_on)
        print(time.perf_counter_ns() - started, flush=True)
