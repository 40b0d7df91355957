"""Whether two questions can be told apart by their answers: by a byte of them,
or by how long they take. The questions take turns in random order, so that
whatever else the machine does meets both alike."""

import math
import random
import statistics
import time

# Calls it noise if one of the two is the slower in fewer than 55 % of all
# pairs, or if chance alone would do as much once in a million runs.
LEAST_EFFECT = 0.10
LEAST_Z = 4.9
WARM_UP = 10  # Calls of each that do not count.


class Comparison:
    """Of the samples of two questions."""

    def __init__(self, name, first, second):
        self.name = name
        self.samples = len(first)
        self.medians = [statistics.median(s) * 1e6 for s in (first, second)]
        self.z, self.effect = mann_whitney(first, second)
        self.same_bytes = True

    def can_be_told_apart(self):
        return (not self.same_bytes or
                abs(self.z) > LEAST_Z and abs(self.effect) > LEAST_EFFECT)

    def __str__(self):
        one, other = self.medians
        return (f"{self.name}: {self.samples} samples each, medians {one:.1f} "
                f"and {other:.1f} us, z {self.z:+.1f}, effect "
                f"{self.effect:+.3f}, bytes "
                f"{'identical' if self.same_bytes else 'DIFFERENT'}")


def mann_whitney(first, second):
    """The U test: z, and the effect (rank-biserial, -1 to 1; 0: no
    difference; above 0: the first are slower)."""
    ordered = sorted([(v, 0) for v in first] + [(v, 1) for v in second])
    rank_sum = 0.0
    ties = 0
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        rank = (at + 1 + end) / 2
        rank_sum += rank * sum(1 for v in ordered[at:end] if v[1] == 0)
        ties += (end - at) ** 3 - (end - at)
        at = end
    n, m = len(first), len(second)
    total = n + m
    u = rank_sum - n * (n + 1) / 2
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    return ((u - n * m / 2) / math.sqrt(variance) if variance else 0.0,
            2 * u / (n * m) - 1)


def compare(name, questions, samples, seed, pause=0):
    """Asks both questions so often, with a pause before each. A question is a
    function that returns what was answered."""
    took = [[], []]
    answers = [set(), set()]
    order = [0, 1] * (samples + WARM_UP)
    random.Random(seed).shuffle(order)
    for which in order:
        time.sleep(pause)
        began = time.perf_counter()
        answer = questions[which]()
        took[which].append(time.perf_counter() - began)
        answers[which].add(answer)
    result = Comparison(name, took[0][WARM_UP:], took[1][WARM_UP:])
    result.same_bytes = answers[0] == answers[1] and len(answers[0]) == 1
    return result
