"""How well the n-grams alone tell rude from harmless lines of pens they have not learnt from.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.unseen_pens FILE...

The named files of models/rudeness/corpus (without .csv) are left out of training, vocabulary and all, and what agents
say in them is judged. Every recipe and strength worth trying should be compared by this before anything else.
"""

from __future__ import annotations

import sys

import numpy as np

from callaudit.classifier.corpus import read_corpus
from callaudit.classifier.evaluation import choose_threshold
from callaudit.classifier.learner import Learner, rude_of
from callaudit.classifier.rates import area_under_curve, flag_rates
from callaudit.domain.calls import JUDGED_PARTIES
from callaudit.resources import bundled

FALSE_FLAGS = (0.01, 0.03, 0.05)


def main() -> None:
    """Print the area under the curve, and the recall at some rates of false flags."""
    left_out = sys.argv[1:]
    files = sorted(bundled("models", "rudeness", "corpus").glob("*.csv"))
    if not left_out or not {*left_out} < {file.stem for file in files}:
        raise SystemExit(f"name some of: {' '.join(file.stem for file in files)}")
    known = [row for file in files if file.stem not in left_out for row in read_corpus([file])]
    unseen = [row for file in files if file.stem in left_out for row in read_corpus([file])]
    unseen = [row for row in unseen if row.party in JUDGED_PARTIES]
    learner = Learner([*known, *unseen])
    scores = learner.learn(np.arange(len(known))).decide(learner.table.matrix[len(known) :]).rude
    rude = rude_of(unseen)
    print(f"{len(known)} lines learnt from, {len(unseen)} judged; AUC {area_under_curve(rude, scores):.4f}")
    for allowed in FALSE_FLAGS:
        rates = flag_rates(rude, scores >= choose_threshold(rude, scores, allowed))
        print(f"recall {rates.recall:.1%} at {rates.false_flag_rate:.1%} false flags")


if __name__ == "__main__":
    main()
